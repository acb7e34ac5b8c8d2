package io.tagger.testkit;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * A jar compiled from sources in a test, for tests of plugin hosting: for instance, that two versions of a library work
 * side by side. Needs a JDK. Not thread-safe.
 */
public final class PluginJar {
    private static final String SERVICE = "META-INF/services/io.tagger.api.collector.Collector";

    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, String> stubs = new LinkedHashMap<>();
    private final Map<String, byte[]> resources = new LinkedHashMap<>();
    private final Manifest manifest = new Manifest();
    private String classPath = System.getProperty("java.class.path");

    private PluginJar() {
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    }

    /**
     * Begins an empty jar.
     *
     * @return a jar
     */
    public static PluginJar empty() {
        return new PluginJar();
    }

    /**
     * Begins the jar of a collector, with a service file for the collector.
     *
     * @param className the full name of the collector's class
     * @param source the source of the class
     * @return a jar
     */
    public static PluginJar of(String className, String source) {
        return new PluginJar().with(className, source).service(className);
    }

    /**
     * Adds a class.
     *
     * @param className the full name of the class
     * @param source the source of the class
     * @return this
     */
    public PluginJar with(String className, String source) {
        sources.put(className, source);
        return this;
    }

    /**
     * Adds a class for the compilation alone, absent from the jar.
     *
     * @param className the full name of the class
     * @param source the source of the class
     * @return this
     */
    public PluginJar against(String className, String source) {
        stubs.put(className, source);
        return this;
    }

    /**
     * Adds a jar to the class path for compiling.
     *
     * @param jar the jar
     * @return this
     */
    public PluginJar against(Path jar) {
        classPath = jar + File.pathSeparator + classPath;
        return this;
    }

    /**
     * Writes the service file.
     *
     * @param lines the lines of the file: class names, comments
     * @return this
     */
    public PluginJar service(String... lines) {
        return resource(SERVICE, String.join("\n", lines) + "\n");
    }

    /**
     * Adds a file.
     *
     * @param name the path in the jar
     * @param text the content
     * @return this
     */
    public PluginJar resource(String name, String text) {
        resources.put(name, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /**
     * Adds a line to the manifest.
     *
     * @param name the attribute's name
     * @param value the attribute's value
     * @return this
     */
    public PluginJar manifest(String name, String value) {
        manifest.getMainAttributes().putValue(name, value);
        return this;
    }

    /**
     * Compiles the classes and writes the jar.
     *
     * @param jar the path of the jar; missing folders are made
     * @return the same path
     * @throws IOException if the jar can't be written
     * @throws IllegalArgumentException if a source can't be compiled; the message is the compiler's
     */
    public Path write(Path jar) throws IOException {
        Path work = Files.createTempDirectory("plugin-jar");
        try {
            Path stubClasses = compile(work.resolve("stubs"), stubs, classPath);
            Path classes = compile(work.resolve("classes"), sources, stubClasses + File.pathSeparator + classPath);
            Files.createDirectories(jar.toAbsolutePath().getParent());
            try (OutputStream out = Files.newOutputStream(jar);
                    JarOutputStream entries = new JarOutputStream(out, manifest)) {
                for (Map.Entry<String, byte[]> resource : resources.entrySet()) {
                    entry(entries, resource.getKey(), resource.getValue());
                }
                for (Path file : files(classes)) {
                    if (file.toString().endsWith(".class")) {
                        entry(entries, classes.relativize(file).toString(), Files.readAllBytes(file));
                    }
                }
            }
            return jar;
        } finally {
            files(work).stream().sorted(Comparator.reverseOrder()).forEach(PluginJar::delete);
        }
    }

    private static Path compile(Path folder, Map<String, String> sources, String classPath) throws IOException {
        Path classes = Files.createDirectories(folder.resolve("out"));
        List<String> options =
                new ArrayList<>(List.of("-proc:none", "-nowarn", "-d", classes.toString(), "-cp", classPath));
        for (Map.Entry<String, String> source : sources.entrySet()) {
            Path file = folder.resolve("in/" + source.getKey().replace('.', '/') + ".java");
            Files.createDirectories(file.getParent());
            options.add(Files.writeString(file, source.getValue()).toString());
        }
        if (!sources.isEmpty()) {
            ByteArrayOutputStream errors = new ByteArrayOutputStream();
            int code = ToolProvider.getSystemJavaCompiler().run(null, errors, errors, options.toArray(String[]::new));
            if (code != 0) {
                throw new IllegalArgumentException(errors.toString(StandardCharsets.UTF_8));
            }
        }
        return classes;
    }

    private static void entry(JarOutputStream entries, String name, byte[] content) throws IOException {
        entries.putNextEntry(new JarEntry(name));
        entries.write(content);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.toList();
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
