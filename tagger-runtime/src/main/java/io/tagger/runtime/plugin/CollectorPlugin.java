package io.tagger.runtime.plugin;

import io.tagger.api.CollectorMode;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.collector.Collector;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An inspected and usable collector, and the factory of its instances. Immutable and thread-safe. */
public final class CollectorPlugin {
    private static final Logger LOG = LoggerFactory.getLogger(CollectorPlugin.class);

    /** The total order of collectors: a higher priority first, then by name. */
    public static final Comparator<CollectorPlugin> ORDER =
            Comparator.comparing(CollectorPlugin::priority).reversed().thenComparing(CollectorPlugin::name);

    private final Collector probe;
    private final String name;
    private final CollectorMode mode;
    private final Set<String> entityPrefixes;
    private final CollectorPriority priority;
    private final @Nullable ClassLoader loader;
    private final Supplier<? extends Collector> factory;

    /**
     * Inspects an instance.
     *
     * @throws IllegalArgumentException if the collector breaks a rule of the SPI; the message names the rule
     */
    private CollectorPlugin(Supplier<? extends Collector> factory, @Nullable ClassLoader loader) {
        this.factory = factory;
        this.loader = loader;
        Collector made = factory.get();
        if (made == null) {
            throw new IllegalArgumentException("the factory returned null instead of a collector");
        }
        probe = made;
        SpiVersion.check(probe.getClass());
        name = Collector.requireName(probe.name());
        CollectorPriority given = probe.priority();
        if (given == null) {
            throw new IllegalArgumentException("priority() returned null");
        }
        priority = given;
        requireModes(probe);
        mode = checked(probe, probe.mode());
        entityPrefixes = prefixes(probe.entityPrefixes(), mode);
    }

    /**
     * Makes an instance and inspects it.
     *
     * @param factory makes a new instance at every call
     * @param loader the context class loader during calls of the plugin
     * @return the plugin
     * @throws IllegalArgumentException if the collector breaks a rule of the SPI; the message names the rule
     * @throws Exception any further error of the plugin
     */
    static CollectorPlugin of(Supplier<? extends Collector> factory, @Nullable ClassLoader loader) throws Exception {
        return PluginInstance.within(loader, () -> new CollectorPlugin(factory, loader));
    }

    private static Set<String> prefixes(@Nullable Set<String> prefixes, CollectorMode mode) {
        boolean mayBeEmpty = mode != CollectorMode.FETCH;
        if (prefixes == null
                || prefixes.isEmpty() && !mayBeEmpty
                || !prefixes.stream().allMatch(EntityId::isPrefix)) {
            throw new IllegalArgumentException("entityPrefixes() returned " + prefixes
                    + ": return at least one kind of entity, each " + EntityId.PREFIX_RULE);
        }
        return Set.copyOf(prefixes);
    }

    private static void requireModes(Collector probe) {
        boolean pushes = probe instanceof Streamer || probe instanceof Puller;
        if (pushes == probe instanceof FetchOnly) {
            throw new IllegalArgumentException(
                    "the class must implement Streamer, Puller, both of them, or FetchOnly alone");
        }
    }

    /**
     * The mode of an instance.
     *
     * @throws IllegalArgumentException if the class does not implement the interface of the mode
     */
    static CollectorMode checked(Collector collector, @Nullable CollectorMode mode) {
        Class<?> of = mode == null
                ? Collector.class
                : switch (mode) {
                    case STREAM -> Streamer.class;
                    case PULL -> Puller.class;
                    case FETCH -> FetchOnly.class;
                };
        if (mode == null || !of.isInstance(collector)) {
            throw new IllegalArgumentException(
                    "mode() returned " + mode + ", and the class does not implement that interface");
        }
        return mode;
    }

    /**
     * The name of the collector.
     *
     * @return the name, valid by the rule of {@link Collector#name}
     */
    public String name() {
        return name;
    }

    /**
     * The usual way in which the collector learns tags; an instance may have another mode after its detection.
     *
     * @return the mode
     */
    public CollectorMode mode() {
        return mode;
    }

    /**
     * The priority of the collector's tags.
     *
     * @return the priority
     */
    public CollectorPriority priority() {
        return priority;
    }

    /**
     * The kinds of entities about which the collector is asked.
     *
     * @return the prefixes
     */
    public Set<String> entityPrefixes() {
        return entityPrefixes;
    }

    /**
     * Whether another discovery has found the same class, so that an instance of one is as good as an instance of the
     * other.
     *
     * @param other the other collector
     * @return whether both are the same class, loaded once
     */
    public boolean isSame(CollectorPlugin other) {
        return probe.getClass() == other.probe.getClass();
    }

    /**
     * The class of the collector.
     *
     * @return the full name
     */
    public String className() {
        return probe.getClass().getName();
    }

    /**
     * The jar or folder of the collector.
     *
     * @return the path, or a description where there is no file
     */
    public String origin() {
        return origin(probe.getClass());
    }

    /**
     * The version in the manifest of the collector's jar.
     *
     * @return the version; empty if the jar states none
     */
    public String version() {
        String version = probe.getClass().getPackage().getImplementationVersion();
        return version == null ? "" : version;
    }

    /**
     * The context class loader of the collector's calls.
     *
     * @return the loader; null for the bootstrap loader
     */
    public @Nullable ClassLoader loader() {
        return loader;
    }

    /**
     * The factory of bare instances, for checks without a host.
     *
     * @return a factory with a new instance for every call; may throw any error
     */
    public Supplier<? extends Collector> factory() {
        return factory;
    }

    /**
     * The files with the defaults and the documentation of the settings of the collectors in the plugin folder.
     *
     * @return each {@code reference.conf} of the folder; empty for a collector of the class path, where the files are
     *     found anyway
     */
    public List<URL> references() {
        return loader instanceof PluginLoader folder
                ? Collections.list(folder.findResources("reference.conf"))
                : List.of();
    }

    /**
     * Makes a new instance.
     *
     * @return the instance
     * @throws Exception the error of the factory
     */
    public PluginInstance newInstance() throws Exception {
        return PluginInstance.of(factory, loader);
    }

    /**
     * Makes the collector check its settings. Any error other than an {@link IllegalArgumentException} is left to the
     * detection, which will report the error.
     *
     * @param settings the collector's block of the configuration
     * @throws IllegalArgumentException if a setting is wrong
     */
    public void check(Map<String, Object> settings) {
        try {
            BoundedCall.begin("check of " + name, () -> {
                        newInstance().check(settings);
                        return true;
                    })
                    .await();
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (Throwable e) { // a plugin may throw any error
            LOG.debug("the check of collector {} failed; its detection will report the reason", name, e);
        }
    }

    static String origin(Class<?> type) {
        var source = type.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return "an unknown place";
        }
        try {
            return Path.of(source.getLocation().toURI()).toString();
        } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
            return source.getLocation().toString(); // not a file of this machine
        }
    }
}
