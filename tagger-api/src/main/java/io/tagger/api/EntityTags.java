package io.tagger.api;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The tags of one entity at one moment.
 *
 * <p>Implementations are immutable: later changes make a new object. All lists are unmodifiable and hold no duplicates.
 */
public interface EntityTags {
    /**
     * The entity.
     *
     * @return the entity's id
     */
    EntityId entity();

    /**
     * The merged tags of all sources, at the given level and below.
     *
     * @param cardinality the level
     * @return {@code name:value} strings: first the low tags, then the orchestrator tags, then the high tags, each
     *     sorted
     */
    List<String> tags(Cardinality cardinality);

    /**
     * The merged standard tags: {@code env}, {@code service} and {@code version}. The low tags contain them too.
     *
     * @return {@code name:value} strings, sorted
     */
    List<String> standard();

    /**
     * The view per source, before the merge.
     *
     * @return the last report of each source, by source name, highest priority first
     */
    Map<String, TagInfo> sources();

    /**
     * The view per source, as {@link #sources}, for a program that reads many entities: a tagger with a store makes no
     * copies.
     *
     * @return the last report of each source, highest priority first; unmodifiable
     */
    default List<SourceTags> bySource() {
        return sources().values().stream()
                .<SourceTags>map(info -> new InfoTags(info, priority(info.source())))
                .toList();
    }

    /**
     * The rank of a source in the merge.
     *
     * @param source a name in {@link #sources}
     * @return the source's priority; the lowest priority for an unknown name or a tagger without priorities
     */
    default CollectorPriority priority(String source) {
        Objects.requireNonNull(source, "source");
        return CollectorPriority.NODE_RUNTIME;
    }

    /**
     * Whether the tags are final until the next change outside: every collector in use for this kind of entity has
     * answered, and no source marked its answer incomplete. In the events of a subscription the flag covers only the
     * answers so far.
     *
     * @return false if a later question may return more tags without a change outside
     */
    boolean complete();

    /**
     * A fingerprint of the merged tags, for a cheap comparison between two processes.
     *
     * @return 64-bit FNV-1a over the UTF-8 bytes of all tags in sorted order (levels mixed), each followed by a zero
     *     byte; equal sets of tags give equal hashes, in every process
     */
    default long hash() {
        long hash = 0xcbf29ce484222325L;
        for (String tag : tags(Cardinality.HIGH).stream().sorted().toList()) {
            for (byte b : tag.getBytes(StandardCharsets.UTF_8)) {
                hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
            }
            hash *= 0x100000001b3L;
        }
        return hash;
    }
}
