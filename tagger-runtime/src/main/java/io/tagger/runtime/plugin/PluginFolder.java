package io.tagger.runtime.plugin;

import io.tagger.api.Issue;
import io.tagger.api.Issue.Severity;
import io.tagger.api.collector.Collector;
import io.tagger.runtime.plugin.PluginLoader.Jar;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.stream.Stream;

/** Opens a folder with the jars of one plugin, and checks the jars from outside. */
final class PluginFolder {
    static final String SERVICE = "META-INF/services/" + Collector.class.getName();

    private static final String API = "io/tagger/api/collector/Collector.class";
    private static final String FACADE = "org/slf4j/Logger.class";

    private final Path folder;
    private final List<Issue> issues;
    private final List<Jar> jars = new ArrayList<>();

    private PluginFolder(Path folder, List<Issue> issues) {
        this.folder = folder;
        this.issues = issues;
    }

    /**
     * The plugin folders in a folder, in the order of names.
     *
     * @param parent the parent folder
     * @param issues receives the problems of further files in the folder
     * @return the folders
     */
    static List<Path> in(Path parent, List<Issue> issues) {
        if (!Files.isDirectory(parent)) {
            issues.add(new Issue(Severity.ERROR, parent.toString(), "the folder does not exist"));
            return List.of();
        }
        List<Path> folders = new ArrayList<>();
        for (Path entry : entries(parent, issues)) {
            if (entry.getFileName().toString().startsWith(".")) {
                continue; // leftovers of tools, and the links of a Kubernetes volume
            }
            if (Files.isDirectory(entry)) {
                folders.add(entry);
            } else if (isJar(entry)) {
                issues.add(
                        new Issue(
                                Severity.ERROR,
                                entry.toString(),
                                "a jar beside the plugin folders is not used: move the jar, with the jars that it needs, into a separate folder here"));
            }
        }
        return folders;
    }

    /**
     * Opens the jars of a folder.
     *
     * @param folder the folder
     * @param shared the host's classes visible to the plugin
     * @param issues receives the problems
     * @return the class loader of the folder; empty if the folder can't be used
     */
    static Optional<PluginLoader> open(Path folder, SharedClasses shared, List<Issue> issues) {
        return new PluginFolder(folder, issues).open(shared);
    }

    /** The files of a folder with their sizes, times and identities, for a comparison. */
    static String content(Path folder) {
        StringBuilder content = new StringBuilder();
        for (Path entry : entries(folder, new ArrayList<>())) {
            try {
                BasicFileAttributes file = Files.readAttributes(entry, BasicFileAttributes.class);
                content.append(entry.getFileName())
                        .append(' ')
                        .append(file.size())
                        .append(' ');
                content.append(file.lastModifiedTime())
                        .append(' ')
                        .append(file.fileKey())
                        .append('\n');
            } catch (IOException e) {
                content.append(entry.getFileName()).append(" unreadable\n");
            }
        }
        return content.toString();
    }

    /** Whether a plugin folder and its jars can be trusted; notes the problems. */
    static boolean isTrustedWithJars(Path folder, List<Issue> issues) {
        return isTrusted(folder, issues)
                && entries(folder, issues).stream().filter(PluginFolder::isJar).allMatch(jar -> isTrusted(jar, issues));
    }

    /**
     * Notes the problem of a parent folder, a plugin folder or a jar that others may change.
     *
     * @return whether the file can be trusted
     */
    static boolean isTrusted(Path path, List<Issue> issues) {
        Optional<String> problem = FileTrust.problemOf(path);
        problem.ifPresent(why -> issues.add(new Issue(
                Severity.ERROR, path.toString(), "not used: " + why + " (or tagger.plugins.allow-writable = true)")));
        return problem.isEmpty();
    }

    private Optional<PluginLoader> open(SharedClasses shared) {
        List<Path> files =
                entries(folder, issues).stream().filter(PluginFolder::isJar).toList();
        if (files.isEmpty()) {
            issues.add(new Issue(
                    Severity.WARNING,
                    folder.toString(),
                    "the folder has no jar: put the plugin's jars here, or remove the folder"));
            return Optional.empty();
        }
        try {
            for (Path jar : files) {
                open(jar);
            }
            checkContents();
            return Optional.of(new PluginLoader(String.valueOf(folder.getFileName()), List.copyOf(jars), shared));
        } catch (Unusable e) {
            issues.add(new Issue(Severity.ERROR, e.subject.toString(), e.getMessage()));
            close();
            return Optional.empty();
        }
    }

    private void open(Path path) throws Unusable {
        try {
            jars.add(Jar.open(path));
        } catch (IOException | RuntimeException e) {
            throw new Unusable(path, "the file can't be read as a jar (" + e.getMessage() + "): copy it again");
        }
    }

    private void checkContents() throws Unusable {
        List<String> classes = new ArrayList<>();
        for (Jar jar : jars) {
            if (jar.file().getJarEntry(API) != null) {
                throw new Unusable(
                        jar.path(),
                        "the jar contains tagger-api, shared by the agent with every plugin: build the plugin without tagger-api"
                                + " (in Maven, scope 'provided')");
            }
            if (jar.file().getJarEntry(FACADE) != null) {
                issues.add(new Issue(
                        Severity.WARNING,
                        jar.path().toString(),
                        "the jar contains slf4j-api, but the agent's slf4j-api is used: build the plugin without it"));
            }
            classes.addAll(registered(jar));
        }
        if (classes.isEmpty()) {
            throw new Unusable(
                    folder,
                    "no jar of the folder registers a collector: write the name of the collector's class into "
                            + SERVICE + " of the plugin's jar");
        }
    }

    /** The classes named in the service file of a jar. */
    private static List<String> registered(Jar jar) throws Unusable {
        JarEntry entry = jar.file().getJarEntry(SERVICE);
        if (entry == null) {
            return List.of();
        }
        try (var in = jar.file().getInputStream(entry)) {
            Optional<String> problem = SpiVersion.problemOf(jar.about().getValue(SpiVersion.ATTRIBUTE));
            if (problem.isPresent()) {
                throw new Unusable(jar.path(), problem.get());
            }
            return names(in);
        } catch (IOException e) {
            throw new Unusable(jar.path(), SERVICE + " in it can't be read (" + e.getMessage() + "): copy it again");
        }
    }

    /** The names of classes in a service file. */
    static List<String> names(InputStream file) throws IOException {
        return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceFirst("#.*", "").trim())
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private void close() {
        for (Jar jar : jars) {
            try {
                jar.file().close();
            } catch (IOException e) {
                // The jar was opened for reading; no data is lost.
            }
        }
    }

    private static List<Path> entries(Path folder, List<Issue> issues) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            issues.add(new Issue(Severity.ERROR, folder.toString(), "the folder can't be read: " + e));
            return List.of();
        }
    }

    private static boolean isJar(Path path) {
        return path.getFileName().toString().endsWith(".jar") && Files.isRegularFile(path);
    }

    /** The reason why a folder can't be used. */
    private static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        private final transient Path subject;

        Unusable(Path subject, String why) {
            super(why);
            this.subject = subject;
        }
    }
}
