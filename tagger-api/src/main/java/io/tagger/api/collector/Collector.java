package io.tagger.api.collector;

import io.tagger.api.CollectorMode;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A source of tags. Implement {@link Streamer}, {@link Puller} or {@link FetchOnly} instead of this interface alone; a
 * source that sends changes in some places and must be read in others has both {@link Streamer} and {@link Puller}, and
 * a {@link #mode} of its own.
 *
 * <p><b>Life.</b> The class has a public constructor without parameters and without I/O. A host makes an instance,
 * calls {@link #detect} once, then {@link #mode}, then {@code stream} or {@code pull}, meanwhile {@link #fetch}, and at
 * last {@link #close}, once. Every attempt (first detection, retry, restart after a failure) gets a <em>new instance</em>: a
 * collector throws, and leaves the repair to the host.
 *
 * <p><b>Threads.</b> {@code detect}, {@code stream} and {@code pull} of one instance never overlap. Calls of {@code
 * fetch} may run in parallel with them and with each other, and {@code close} may come at any time. The host interrupts
 * a call past its deadline; let {@link InterruptedException} end the call.
 *
 * <p><b>Errors.</b> An exception from a collector affects this collector alone: the host reports the exception in the
 * tagger's status, counts it, and starts a new instance after a pause (1 s, growing to 30 s). A failed {@code fetch}
 * affects one question, and the question is asked again after such a pause. Other collectors and the tags already sent
 * do not suffer.
 */
public interface Collector {
    /**
     * The name of this source: the key of the configuration, {@code tagger.collectors.<name>}, and the source of the
     * tags.
     *
     * @return {@code [a-z][a-z0-9_-]*}, unique among all collectors, constant over all instances
     */
    String name();

    /**
     * Checks the form of a collector's name: a-z, then any of a-z, 0-9, '_' and '-'.
     *
     * @param name the name; null fails the check
     * @return the name
     * @throws IllegalArgumentException if the name does not have the form; the message quotes the name and says the
     *     form
     */
    static String requireName(String name) {
        if (name == null || !name.matches("[a-z][a-z0-9_-]*")) {
            throw new IllegalArgumentException(
                    "the name '" + name + "' is not valid: take a-z, then any of a-z, 0-9, '_' and '-'");
        }
        return name;
    }

    /**
     * The rank of the tags where another source uses the same tag name.
     *
     * @return the priority, constant over all instances
     */
    CollectorPriority priority();

    /**
     * The kinds of entities about which this collector is asked on a miss.
     *
     * @return entity prefixes such as {@link EntityId#CONTAINER}, constant over all instances; may be empty for a
     *     {@link Streamer} or {@link Puller} without an answer on a miss
     */
    Set<String> entityPrefixes();

    /**
     * Checks the settings without any other effect, so that an error is found before the tagger starts. The host
     * discards the instance after the call. The default accepts all settings.
     *
     * @param settings the collector's block of the configuration, as in {@link CollectorContext#settings}
     * @throws IllegalArgumentException if a setting is wrong; the message names the key and the rule. The tagger does
     *     not start then. The host ignores any further exception here; {@link #detect} will throw it again
     */
    default void check(Map<String, Object> settings) {}

    /**
     * Finds out whether the source is on this machine, and connects. Bounded: 5 s unless configured.
     *
     * @param context the services of the host; valid until {@link #close}
     * @throws CollectorUnavailableException if the source is not here at all, or not yet
     * @throws Exception if detection fails for a further reason; the host tries again later
     */
    void detect(CollectorContext context) throws Exception;

    /**
     * The way in which this instance learns tags. The host asks once after {@link #detect}, and calls {@code stream} or
     * {@code pull} accordingly. Only a class that implements both {@link Streamer} and {@link Puller} overrides the
     * method: before {@code detect} with the usual mode, afterwards with the mode of the detected source.
     *
     * @return the mode; the default is the mode of the implemented interface, {@link CollectorMode#STREAM} for both. An
     *     instance with a mode whose interface the class does not implement fails
     */
    default CollectorMode mode() {
        return this instanceof Streamer
                ? CollectorMode.STREAM
                : this instanceof Puller ? CollectorMode.PULL : CollectorMode.FETCH;
    }

    /**
     * Looks up one entity on a cache miss. Bounded: 2 s unless configured. The call runs off the caller's thread, and
     * callers with a question about the same entity share one call.
     *
     * @param entity an entity with a prefix in {@link #entityPrefixes}
     * @return all reports learned on the way, about the entity and its neighbours; empty if the entity does not exist
     *     or belongs to another collector. The host remembers an empty answer for 5 min
     * @throws Exception if the source gives no answer; the host does not remember "no tags", and asks again soon
     */
    default List<TagInfo> fetch(EntityId entity) throws Exception {
        return List.of();
    }

    /**
     * Explains the tags of one entity: reads the source again, and notes the origin of each tag on the way. Called only
     * for an operator who asks. Bounded like {@link #fetch}; calls may run in parallel with all other calls.
     *
     * @param entity an entity with a prefix in {@link #entityPrefixes}, or an entity that the collector has reported
     * @return the origins; empty if the collector can't tell, the default
     * @throws Exception if the source gives no answer; the operator sees the message
     */
    default Optional<Provenance> explain(EntityId entity) throws Exception {
        return Optional.empty();
    }

    /**
     * Releases all resources: connections, threads, files. A running {@code stream}, {@code pull} or {@code fetch} must
     * end soon.
     *
     * @throws Exception if a resource can't be released; the host only reports the exception
     */
    default void close() throws Exception {}
}
