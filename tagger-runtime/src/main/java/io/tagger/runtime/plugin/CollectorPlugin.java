package io.tagger.runtime.plugin;

import io.tagger.api.CollectorMode;
import io.tagger.api.EntityId;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorPriority;
import io.tagger.api.collector.FetchOnly;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.Streamer;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A collector that was looked at and found usable, and the way to make instances of it.
 *
 * @param name its name
 * @param mode how it learns its tags
 * @param priority whose word counts
 * @param entityPrefixes the kinds it can answer for
 * @param className its class
 * @param origin the jar or folder it came from
 * @param version the version that its jar states; empty if it states none
 * @param loader the context loader of its calls
 * @param factory makes a new instance at every call; may throw anything
 */
public record CollectorPlugin(
        String name,
        CollectorMode mode,
        CollectorPriority priority,
        Set<String> entityPrefixes,
        String className,
        String origin,
        String version,
        @Nullable ClassLoader loader,
        Supplier<? extends Collector> factory) {

    /** The total order of collectors: a higher priority first, then by name. */
    public static final Comparator<CollectorPlugin> ORDER =
            Comparator.comparing(CollectorPlugin::priority).reversed().thenComparing(CollectorPlugin::name);

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]*");

    /**
     * Makes an instance and looks at it.
     *
     * @param factory makes a new instance at every call
     * @param loader the context loader of its calls
     * @return the plugin
     * @throws IllegalArgumentException if the SPI is not kept; the message says what is wrong with it
     * @throws Exception whatever else the plugin throws
     */
    static CollectorPlugin of(Supplier<? extends Collector> factory, @Nullable ClassLoader loader) throws Exception {
        return PluginInstance.within(loader, () -> judge(factory, loader));
    }

    private static CollectorPlugin judge(Supplier<? extends Collector> factory, @Nullable ClassLoader loader) {
        Collector probe = factory.get();
        if (probe == null) {
            throw new IllegalArgumentException("the factory returned null instead of a collector");
        }
        SpiVersion.check(probe.getClass());
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
                version(probe.getClass()),
                loader,
                factory);
    }

    /**
     * Makes a new instance.
     *
     * @return the instance
     * @throws Exception what the factory throws
     */
    public PluginInstance newInstance() throws Exception {
        return PluginInstance.of(factory, loader);
    }

    /**
     * Lets the collector look at its settings.
     *
     * @param settings its block of the configuration
     * @throws IllegalArgumentException if one of them is wrong; whatever else a plugin throws here is left to its detection, and so is one
     *     that does not come back
     */
    public void check(Map<String, Object> settings) {
        try {
            Deadline.begin("check of " + name, () -> {
                        newInstance().check(settings);
                        return true;
                    })
                    .await();
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (Throwable e) {
            // It will do so again when it is used, and be reported by its state.
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

    /**
     * The files that document the settings of the collectors in its folder, with their defaults.
     *
     * @return each {@code reference.conf} of a plugin folder; none for a collector of the class path, whose files the class path has
     */
    public List<URL> references() {
        return loader instanceof PluginLoader folder
                ? Collections.list(folder.findResources("reference.conf"))
                : List.of();
    }

    static String origin(Class<?> type) {
        var source = type.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return "an unknown place";
        }
        try {
            return Path.of(source.getLocation().toURI()).toString();
        } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
            return source.getLocation().toString(); // of no file of this machine
        }
    }

    private static String version(Class<?> type) {
        String version = type.getPackage().getImplementationVersion();
        return version == null ? "" : version;
    }
}
