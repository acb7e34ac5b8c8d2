package io.tagger.agent;

import io.tagger.api.CollectorMode;
import io.tagger.api.EntityId;
import io.tagger.api.collector.Collector;
import io.tagger.cli.Main;
import io.tagger.config.ConfigLayers;
import io.tagger.testkit.CollectorCheck;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tagger plugins new}. */
@Command(
        name = "new",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a Maven project with a working collector, its settings and its test, into a folder with the"
                    + " collector's name, and prints the next steps."
        })
final class PluginsNewCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "The name of the collector: a-z, then any of a-z, 0-9, '_' and '-'.")
    private String name = "";

    @Option(
            names = {"-m", "--mode"},
            description = "fetch (asked on a cache miss; the default), pull (reads a whole list at an interval) or"
                    + " stream (receives events).")
    private CollectorMode mode = CollectorMode.FETCH;

    @Option(
            names = {"-p", "--package"},
            paramLabel = "PACKAGE",
            description = "The Java package, com.example.<name> unless given.")
    private Optional<String> packageName = Optional.empty();

    @Option(
            names = {"-k", "--kind"},
            paramLabel = "KIND",
            description =
                    "The kind of entities to tag, for instance container_id. Default: a new kind named after the collector.")
    private Optional<String> kind = Optional.empty();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** For picocli. */
    PluginsNewCommand() {}

    @Override
    public Integer call() throws IOException {
        Path project = Path.of(name);
        check(project);
        Map<String, String> words = words();
        String folder = words.get("package").replace('.', '/');
        String collector = words.get("Class");
        for (Map.Entry<String, String> file : files(folder, collector).entrySet()) {
            write(project.resolve(file.getValue()), fill(template(file.getKey()), words));
        }
        write(
                project.resolve("src/main/resources/META-INF/services/" + Collector.class.getName()),
                words.get("package") + "." + collector + "\n");
        repository(project.resolve("repository/io/tagger"), words.get("version"));
        explain(project, words);
        return Main.OK;
    }

    private void check(Path project) {
        try {
            Collector.requireName(name);
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
        ConfigOption.setup(ConfigLayers.ofProcess(Optional.empty())).found().stream()
                .filter(other -> other.name().equals(name))
                .findFirst()
                .ifPresent(other -> {
                    throw wrong("'" + name + "' is the name of " + other.className() + " in " + other.origin()
                            + ", and an agent uses one collector of a name; take another name");
                });
        if (!EntityId.isPrefix(kind())) {
            throw wrong("'" + kind() + "' is no kind of entity: take " + EntityId.PREFIX_RULE);
        }
        if (!SourceVersion.isName(packageName())) {
            throw wrong("'" + packageName() + "' is no Java package; set a valid package with --package");
        }
        if (Files.exists(project)) {
            throw new IllegalStateException(project.toAbsolutePath() + " exists already; no file was written");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private String kind() {
        return kind.orElseGet(() -> name.replace('-', '_'));
    }

    private String packageName() {
        return packageName.orElseGet(() -> "com.example." + name.replaceAll("[^a-z0-9]", ""));
    }

    private Map<String, String> words() {
        String version = Collector.class.getPackage().getImplementationVersion();
        if (version == null) {
            throw new IllegalStateException("run the command from a distribution: this program does not run from jars");
        }
        String collector = Arrays.stream(name.split("[_-]+"))
                .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
                .collect(Collectors.joining("", "", "Collector")); // a collector may be called 'list' or 'object'
        return Map.of(
                "name", name,
                "kind", kind(),
                "package", packageName(),
                "Class", collector,
                "version", version);
    }

    /** The templates, and their paths in the project. */
    private Map<String, String> files(String folder, String collector) {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("README.md", "README.md");
        files.put("pom.xml", "pom.xml");
        files.put("gitignore", ".gitignore");
        files.put("assembly.xml", "src/assembly/plugin.xml");
        files.put("reference.conf", "src/main/resources/reference.conf");
        files.put(mode + ".java", "src/main/java/" + folder + "/" + collector + ".java");
        files.put("test.java", "src/test/java/" + folder + "/" + collector + "Test.java");
        return files;
    }

    private static String template(String file) throws IOException {
        try (InputStream in = PluginsNewCommand.class.getResourceAsStream("project/" + file)) {
            if (in == null) {
                throw new IllegalStateException("this build lacks the template " + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String fill(String template, Map<String, String> words) {
        String text = template;
        for (Map.Entry<String, String> word : words.entrySet()) {
            text = text.replace("{{" + word.getKey() + "}}", word.getValue());
        }
        return text;
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** A Maven repository for the project's compilation and tests: the jars of this very agent. */
    private static void repository(Path group, String version) throws IOException {
        for (Class<?> part : new Class<?>[] {Collector.class, CollectorCheck.class}) {
            Path jar = jar(part);
            String artifact = jar.getFileName().toString().replace("-" + version + ".jar", "");
            Path folder = Files.createDirectories(group.resolve(artifact).resolve(version));
            Files.copy(jar, folder.resolve(artifact + "-" + version + ".jar"));
            write(folder.resolve(artifact + "-" + version + ".pom"), """
                    <project xmlns="http://maven.apache.org/POM/4.0.0">
                      <modelVersion>4.0.0</modelVersion>
                      <groupId>io.tagger</groupId>
                      <artifactId>%s</artifactId>
                      <version>%s</version>
                    </project>
                    """.formatted(artifact, version));
        }
    }

    private static Path jar(Class<?> part) {
        try {
            return Path.of(
                    part.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private void explain(Path project, Map<String, String> words) {
        PrintWriter out = spec.commandLine().getOut();
        String plugins = System.getProperty(ConfigOption.PLUGINS, "plugins");
        out.println(project + ": a collector of the mode " + mode + " that tags " + words.get("kind") + "://1");
        Stream.of(
                        "cd " + project,
                        "mvn package                          # builds and tests the plugin; needs Maven and JDK 17 or later",
                        "tagger plugins verify target/plugin  # checks the plugin in an agent's class loader",
                        "cp -r target/plugin " + plugins + "/" + name,
                        "tagger run                           # or start your agent anew",
                        "tagger tag " + words.get("kind") + "://1 -k high")
                .forEach(line -> out.println("  " + line));
    }
}
