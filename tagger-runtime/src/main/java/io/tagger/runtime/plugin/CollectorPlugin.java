package io.tagger.runtime.plugin;

import io.tagger.api.CollectorMode;
import io.tagger.api.EntityId;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorPriority;
import io.tagger.api.collector.FetchOnly;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.Streamer;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * A collector that was looked at and found usable, and the way to make instances of it.
 *
 * @param name its name
 * @param mode how it learns its tags
 * @param priority whose word counts
 * @param entityPrefixes the kinds it can answer for
 * @param className its class
 * @param origin the jar or folder it came from
 * @param factory makes a new instance at every call; may throw anything
 */
public record CollectorPlugin(
        String name,
        CollectorMode mode,
        CollectorPriority priority,
        Set<String> entityPrefixes,
        String className,
        String origin,
        Supplier<? extends Collector> factory) {

    /** The total order of collectors: a higher priority first, then by name. */
    public static final Comparator<CollectorPlugin> ORDER =
            Comparator.comparing(CollectorPlugin::priority).reversed().thenComparing(CollectorPlugin::name);

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]*");

    /**
     * Makes an instance and looks at it.
     *
     * @param factory makes a new instance at every call
     * @return the plugin
     * @throws IllegalArgumentException if the SPI is not kept; the message says what is wrong with it
     */
    public static CollectorPlugin of(Supplier<? extends Collector> factory) {
        Collector probe = factory.get();
        if (probe == null) {
            throw new IllegalArgumentException("the factory returned null instead of a collector");
        }
        String name = probe.name();
        if (name == null || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the name '" + name + "' is not valid: take a-z, then any of a-z, 0-9, '_' and '-'");
        }
        if (probe.priority() == null) {
            throw new IllegalArgumentException("priority() returned null");
        }
        Set<String> prefixes = probe.entityPrefixes();
        boolean mayBeEmpty = mode(probe) != CollectorMode.FETCH;
        if (prefixes == null
                || prefixes.isEmpty() && !mayBeEmpty
                || !prefixes.stream().allMatch(EntityId::isPrefix)) {
            throw new IllegalArgumentException("entityPrefixes() returned " + prefixes
                    + ": name at least one kind of entity, each a-z, then any of a-z, 0-9 and '_'");
        }
        return new CollectorPlugin(
                name,
                mode(probe),
                probe.priority(),
                Set.copyOf(prefixes),
                probe.getClass().getName(),
                origin(probe.getClass()),
                factory);
    }

    /**
     * Lets the collector look at its settings.
     *
     * @param settings its block of the configuration
     * @throws IllegalArgumentException if one of them is wrong; whatever else a plugin throws here is left to its detection
     */
    public void check(Map<String, Object> settings) {
        try {
            factory.get().check(settings);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
            // It will say so again when it is used, and be reported by its state.
        }
    }

    private static CollectorMode mode(Collector probe) {
        boolean streams = probe instanceof Streamer;
        boolean pulls = probe instanceof Puller;
        boolean fetches = probe instanceof FetchOnly;
        if ((streams ? 1 : 0) + (pulls ? 1 : 0) + (fetches ? 1 : 0) != 1) {
            throw new IllegalArgumentException("it must implement exactly one of Streamer, Puller and FetchOnly");
        }
        return streams ? CollectorMode.STREAM : pulls ? CollectorMode.PULL : CollectorMode.FETCH;
    }

    static String origin(Class<?> type) {
        var source = type.getProtectionDomain().getCodeSource();
        return source == null || source.getLocation() == null
                ? "an unknown place"
                : source.getLocation().getPath();
    }
}
