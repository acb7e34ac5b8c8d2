package io.tagger.runtime.plugin;

import io.tagger.api.Issue;
import io.tagger.api.Issue.Severity;
import io.tagger.api.collector.Collector;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Supplier;

/**
 * Collects collectors. A bad one becomes an issue and never an exception; the first of two with one name is taken, the second refused.
 *
 * <p>Not thread-safe.
 */
public final class CollectorDiscovery {
    /** A broken service file can make the loader fail at every step; a class path has far fewer collectors than this. */
    private static final int MAX_PROVIDERS = 1_000;

    private final Map<String, CollectorPlugin> plugins = new LinkedHashMap<>();
    private final List<Issue> issues = new ArrayList<>();

    /**
     * Looks for collectors that are registered on a class path.
     *
     * @param loader the class loader to look through
     * @return this
     */
    public CollectorDiscovery classPath(ClassLoader loader) {
        Iterator<ServiceLoader.Provider<Collector>> providers =
                ServiceLoader.load(Collector.class, loader).stream().iterator();
        for (int i = 0; i < MAX_PROVIDERS; i++) {
            String subject = "a collector on the class path";
            try {
                if (!providers.hasNext()) {
                    break;
                }
                ServiceLoader.Provider<Collector> provider = providers.next();
                subject = provider.type().getName() + " in " + CollectorPlugin.origin(provider.type());
                add(subject, provider);
            } catch (ServiceConfigurationError | LinkageError e) {
                refuse(subject, e); // a class file of a later Java, for instance; the loader goes on with the next
            }
        }
        return this;
    }

    /**
     * Adds a collector by hand.
     *
     * @param factory makes a new instance at every call
     * @return this
     */
    public CollectorDiscovery collector(Supplier<? extends Collector> factory) {
        add("a collector that was added by hand", factory);
        return this;
    }

    /**
     * What can be used.
     *
     * @return the plugins, in the order of {@link CollectorPlugin#ORDER}
     */
    public List<CollectorPlugin> plugins() {
        return plugins.values().stream().sorted(CollectorPlugin.ORDER).toList();
    }

    /**
     * What can't be used, and why.
     *
     * @return the issues
     */
    public List<Issue> issues() {
        return List.copyOf(issues);
    }

    /**
     * Whether something can't be used.
     *
     * @return whether there are issues
     */
    public boolean hasIssues() {
        return !issues.isEmpty();
    }

    private void add(String subject, Supplier<? extends Collector> factory) {
        try {
            CollectorPlugin plugin = CollectorPlugin.of(factory);
            CollectorPlugin first = plugins.putIfAbsent(plugin.name(), plugin);
            if (first != null) {
                refuse(
                        subject,
                        "the name '" + plugin.name() + "' is taken by " + first.className() + " in " + first.origin()
                                + ", so " + plugin.className() + " in " + plugin.origin()
                                + " is not used: remove one of the two");
            }
        } catch (Exception | LinkageError | ServiceConfigurationError | AssertionError | StackOverflowError e) {
            refuse(subject, e);
        }
    }

    private void refuse(String subject, Throwable error) {
        String what = error.toString();
        if (error instanceof ServiceConfigurationError && error.getCause() != null) {
            what = error.getMessage() + ": " + error.getCause();
        } else if (error instanceof ServiceConfigurationError || error instanceof IllegalArgumentException) {
            what = error.getMessage();
        }
        refuse(subject, what + "; it is not used");
    }

    private void refuse(String subject, String message) {
        issues.add(new Issue(Severity.ERROR, subject, message));
    }
}
