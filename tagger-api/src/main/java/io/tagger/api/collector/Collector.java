package io.tagger.api.collector;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A source of tags. Implement one of {@link Streamer}, {@link Puller} and {@link FetchOnly}, not this interface by itself.
 *
 * <p><b>Life.</b> The class has a public constructor without parameters that does no I/O. A host makes an instance, calls {@link #detect}
 * once, then {@code stream} or {@code pull}, beside them {@link #fetch}, and at last {@link #close}, once. Every attempt, be it the first
 * detection, a retry or the restart after a failure, gets a <em>new instance</em>: a collector never repairs itself, it throws.
 *
 * <p><b>Threads.</b> {@code detect}, {@code stream} and {@code pull} of one instance never overlap. {@code fetch} may run beside them and
 * beside itself, and {@code close} may come at any time. A call that passes its deadline is interrupted, so let {@link
 * InterruptedException} end what is being done.
 *
 * <p><b>Errors.</b> Whatever a collector throws is its own: it is reported in the tagger's status, counted, and the collector is started
 * again after a pause (1 s, growing to 30 s); a failed {@code fetch} concerns its question alone, and is asked again after such a pause.
 * Other collectors and the tags already sent do not suffer.
 */
public interface Collector {
    /**
     * The name of this source: the key of its configuration, {@code tagger.collectors.<name>}, and the source of its tags.
     *
     * @return {@code [a-z][a-z0-9_-]*}, unique among all collectors, the same for every instance
     */
    String name();

    /**
     * Checks the form of a collector's name: a-z, then any of a-z, 0-9, '_' and '-'.
     *
     * @param name the name; null fails the check
     * @return the name
     * @throws IllegalArgumentException if the name does not have the form; the message quotes the name and says the form
     */
    static String requireName(String name) {
        if (name == null || !name.matches("[a-z][a-z0-9_-]*")) {
            throw new IllegalArgumentException(
                    "the name '" + name + "' is not valid: take a-z, then any of a-z, 0-9, '_' and '-'");
        }
        return name;
    }

    /**
     * Whose word counts where another source uses the same tag name.
     *
     * @return the priority, the same for every instance
     */
    CollectorPriority priority();

    /**
     * The kinds of entities that this collector can answer for. It is asked about no others.
     *
     * @return entity prefixes such as {@link EntityId#CONTAINER}, the same for every instance; a {@link Streamer} or {@link Puller} that
     *     has nothing to add when it is asked may name none
     */
    Set<String> entityPrefixes();

    /**
     * Reads the settings without touching anything else, so that an error in them is found before anything runs. Called on an instance that
     * is used for nothing further. The default finds nothing.
     *
     * @param settings the collector's block of the configuration, as {@link CollectorContext#settings} lends it
     * @throws IllegalArgumentException if a setting is wrong; the message names its key, and what it must be. The tagger does not start
     *     then; anything else that is thrown is ignored here, and turns up in {@link #detect}
     */
    default void check(Map<String, Object> settings) {}

    /**
     * Finds out whether the source is on this machine, and connects. Bounded: 5 s unless configured.
     *
     * @param context what the host lends; valid until {@link #close}
     * @throws CollectorUnavailableException if the source is not here at all, or not yet
     * @throws Exception if anything else is wrong; the host tries again later
     */
    void detect(CollectorContext context) throws Exception;

    /**
     * Looks up one entity, because its tags were missed. Bounded: 2 s unless configured; it runs off the caller's thread, and callers that
     * ask for the same entity share one call.
     *
     * @param entity an entity of one of {@link #entityPrefixes}
     * @return everything that was learned on the way, about the entity and its neighbours; empty if the entity is not this collector's or
     *     does not exist, which is remembered for 5 min
     * @throws Exception if it can't be told; that is not remembered as "no tags", but asked again soon
     */
    default List<TagInfo> fetch(EntityId entity) throws Exception {
        return List.of();
    }

    /**
     * Lets go of everything: connections, threads, files. A {@code stream}, {@code pull} or {@code fetch} under way must end soon.
     *
     * @throws Exception if something can't be let go of; it is reported and nothing else follows from it
     */
    default void close() throws Exception {}
}
