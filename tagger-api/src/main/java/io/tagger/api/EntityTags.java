package io.tagger.api;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What a tagger knows of one entity at one moment.
 *
 * <p>Implementations are immutable: later changes make a new object. All lists are unmodifiable and hold no duplicates.
 */
public interface EntityTags {
    /**
     * Which entity this is.
     *
     * @return its id
     */
    EntityId entity();

    /**
     * The merged tags of all sources, at a level and those below it.
     *
     * @param cardinality the level
     * @return {@code name:value} strings: the low ones, then the orchestrator ones, then the high ones, sorted within each
     */
    List<String> tags(Cardinality cardinality);

    /**
     * The merged standard tags: {@code env}, {@code service} and {@code version}. They stand among the low tags too.
     *
     * @return {@code name:value} strings, sorted
     */
    List<String> standard();

    /**
     * The view per source, before the merge.
     *
     * @return what each source said last, by the source's name, highest priority first
     */
    Map<String, TagInfo> sources();

    /**
     * How much the word of a source counts in the merge.
     *
     * @param source the name of one of {@link #sources}
     * @return its priority; the lowest one for a name that is not among them, or where a tagger does not tell
     */
    default CollectorPriority priority(String source) {
        return CollectorPriority.NODE_RUNTIME;
    }

    /**
     * Whether this is all there is to know: every collector in use that can answer for the entity has, and none of them marked its
     * answer as incomplete. In the events of a subscription it says only the latter, of those that have answered.
     *
     * @return false if a later question may get more tags without anything having changed outside
     */
    boolean complete();

    /**
     * A fingerprint of the merged tags, for telling cheaply whether two processes hold the same.
     *
     * @return 64-bit FNV-1a over the UTF-8 bytes of all tags in sorted order (levels mixed), each followed by a zero byte; equal sets of
     *     tags give equal hashes, in every process
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
