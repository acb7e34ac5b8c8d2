package io.tagger.runtime.plugin;

import io.tagger.api.Issue;
import io.tagger.api.Issue.Severity;
import io.tagger.api.collector.Collector;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds and inspects collectors. A broken collector becomes an issue and never an exception; of two collectors with one
 * name the first is taken and the second refused. A collector that hangs during inspection costs 5 s, for all
 * candidates of one place together.
 *
 * <p>Not thread-safe.
 */
public final class CollectorDiscovery {
    /**
     * A broken service file can make the loader fail at every step; a class path has far fewer collectors than this.
     */
    private static final int MAX_PROVIDERS = 1_000;

    private final SharedClasses shared = new SharedClasses();
    private final Map<String, CollectorPlugin> plugins = new LinkedHashMap<>();
    private final List<Issue> issues = new ArrayList<>();
    private final Map<Path, Folder> opened = new LinkedHashMap<>();
    private Map<Path, Folder> openedBefore = Map.of();
    private boolean allowsWritable;

    /**
     * An opened plugin folder.
     *
     * @param content the files at the time of the opening
     * @param plugins the usable collectors
     * @param issues the problems of the folder
     */
    private record Folder(String content, List<CollectorPlugin> plugins, List<Issue> issues) {}

    /**
     * A collector under inspection.
     *
     * @param subject the name in messages until the collector's name is known
     * @param inspection the inspection of the collector, under way
     * @param folder the plugin folder of the collector; null for none
     */
    private record Candidate(
            String subject,
            BoundedCall<CollectorPlugin> inspection,
            @Nullable Folder folder) {
        static Candidate of(String subject, Supplier<? extends Collector> factory, @Nullable ClassLoader loader) {
            return new Candidate(subject, BoundedCall.begin(subject, () -> CollectorPlugin.of(factory, loader)), null);
        }

        static Candidate known(CollectorPlugin plugin) {
            return new Candidate(plugin.origin(), BoundedCall.begin(plugin.origin(), () -> plugin), null);
        }

        Candidate in(Folder of) {
            return new Candidate(subject, inspection, of);
        }
    }

    /**
     * Finds the collectors registered on a class path.
     *
     * @param loader the class loader to look through
     * @return this
     */
    public CollectorDiscovery classPath(ClassLoader loader) {
        accept(registered("a collector on the class path", loader));
        serviceFilesThatNameNothing(loader);
        return this;
    }

    /**
     * Finds plugin folders, and the collectors registered by the jars in each folder. The jars of a folder are on a
     * separate class path, with only the JDK, tagger-api and slf4j-api from outside.
     *
     * @param parent where the plugin folders lie
     * @return this
     */
    public CollectorDiscovery folders(Path parent) {
        Path absolute = parent.toAbsolutePath();
        if (!allowsWritable && Files.isDirectory(absolute) && !PluginFolder.isTrusted(absolute, issues)) {
            return this;
        }
        return folders(PluginFolder.in(absolute, issues));
    }

    /**
     * Accepts plugin folders and jars that users besides this user and root may change.
     *
     * @param isAllowed whether they are accepted; not unless called
     * @return this
     */
    public CollectorDiscovery allowWritable(boolean isAllowed) {
        allowsWritable = isAllowed;
        return this;
    }

    /**
     * Uses the opened plugin folders of an earlier discovery again, as far as their files are the same.
     *
     * @param earlier the earlier discovery
     * @return this
     */
    public CollectorDiscovery reusing(CollectorDiscovery earlier) {
        openedBefore = Map.copyOf(earlier.opened);
        return this;
    }

    /**
     * Forgets the plugin folders of the earlier discovery, after the last folder, so that their classes can be unloaded.
     */
    public void forgetEarlier() {
        openedBefore = Map.of();
    }

    /**
     * Looks into plugin folders.
     *
     * @param folders the folders, each with the jars of a plugin
     * @return this
     */
    public CollectorDiscovery folders(List<Path> folders) {
        List<Candidate> candidates = new ArrayList<>();
        for (Path folder : folders) {
            if (!allowsWritable && !PluginFolder.isTrustedWithJars(folder.toAbsolutePath(), issues)) {
                continue;
            }
            candidates.addAll(candidates(folder.toAbsolutePath()));
        }
        accept(candidates);
        return this;
    }

    private List<Candidate> candidates(Path folder) {
        String content = PluginFolder.content(folder);
        Folder before = openedBefore.get(folder);
        if (before != null && before.content.equals(content)) {
            opened.put(folder, before);
            issues.addAll(before.issues);
            return before.plugins.stream().map(Candidate::known).toList();
        }
        int known = issues.size();
        List<Candidate> candidates = PluginFolder.open(folder, shared, issues)
                .map(loader -> registered("a collector in " + folder, loader))
                .orElse(List.of());
        Folder now = new Folder(content, new ArrayList<>(), new ArrayList<>(issues.subList(known, issues.size())));
        opened.put(folder, now);
        return candidates.stream().map(candidate -> candidate.in(now)).toList();
    }

    /**
     * Adds a collector by hand.
     *
     * @param factory makes a new instance at every call
     * @return this
     */
    public CollectorDiscovery collector(Supplier<? extends Collector> factory) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        accept(List.of(Candidate.of("a collector added by hand", factory, loader)));
        return this;
    }

    /**
     * The usable collectors.
     *
     * @return the plugins, in the order of {@link CollectorPlugin#ORDER}
     */
    public List<CollectorPlugin> plugins() {
        return plugins.values().stream().sorted(CollectorPlugin.ORDER).toList();
    }

    /**
     * The problems of the unusable collectors.
     *
     * @return the issues
     */
    public List<Issue> issues() {
        return List.copyOf(issues);
    }

    /**
     * Whether a collector is unusable.
     *
     * @return whether there are issues
     */
    public boolean hasIssues() {
        return !issues.isEmpty();
    }

    private List<Candidate> registered(String place, ClassLoader loader) {
        List<Candidate> candidates = new ArrayList<>();
        Iterator<ServiceLoader.Provider<Collector>> providers =
                ServiceLoader.load(Collector.class, loader).stream().iterator();
        for (int i = 0; i < MAX_PROVIDERS; i++) {
            try {
                if (!providers.hasNext()) {
                    break;
                }
                ServiceLoader.Provider<Collector> provider = providers.next();
                Class<? extends Collector> type = provider.type();
                candidates.add(Candidate.of(
                        type.getName() + " in " + CollectorPlugin.origin(type), provider, type.getClassLoader()));
            } catch (ServiceConfigurationError | LinkageError e) {
                refuse(place, e); // a class file of a later Java, for instance; the loader goes on with the next
            }
        }
        return candidates;
    }

    private void serviceFilesThatNameNothing(ClassLoader loader) {
        try {
            for (URL file : Collections.list(loader.getResources(PluginFolder.SERVICE))) {
                try (InputStream in = file.openStream()) {
                    if (PluginFolder.names(in).isEmpty()) {
                        issues.add(
                                new Issue(
                                        Severity.WARNING,
                                        file.toString(),
                                        "the file registers no collector: write the name of the collector's class into the file"));
                    }
                }
            }
        } catch (IOException e) {
            // An unreadable service file is refused with all its collectors.
        }
    }

    private void accept(List<Candidate> candidates) {
        for (Candidate candidate : candidates) {
            try {
                CollectorPlugin plugin = candidate.inspection.await();
                if (candidate.folder != null) {
                    candidate.folder.plugins.add(plugin);
                }
                CollectorPlugin first = plugins.putIfAbsent(plugin.name(), plugin);
                if (first != null) {
                    refuse(
                            candidate.subject,
                            "the name '" + plugin.name() + "' is taken by " + first.className() + " in "
                                    + first.origin() + ", so " + plugin.className() + " in " + plugin.origin()
                                    + " is not used: remove one of the two");
                }
            } catch (Throwable e) { // any error of a plugin
                refuse(candidate.subject, e);
                if (candidate.folder != null) {
                    candidate.folder.issues.add(issues.get(issues.size() - 1));
                }
            }
        }
    }

    private void refuse(String subject, Throwable error) {
        String what = error.toString();
        if (error instanceof ServiceConfigurationError && error.getCause() != null) {
            what = error.getMessage() + ": " + error.getCause();
        } else if (error instanceof ServiceConfigurationError
                || error instanceof IllegalArgumentException
                || error instanceof IllegalStateException) {
            what = error.getMessage();
        }
        refuse(subject, what + "; it is not used");
    }

    private void refuse(String subject, String message) {
        issues.add(new Issue(Severity.ERROR, subject, message));
    }
}
