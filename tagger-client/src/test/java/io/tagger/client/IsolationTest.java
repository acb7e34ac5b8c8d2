package io.tagger.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client with tagger-api and nothing else: on a class path, on a module path, and in a class loader of its own. */
class IsolationTest {
    @TempDir
    Path directory;

    private static final String PROGRAM = """
            import io.tagger.api.*;
            public class Program {
                public static void main(String[] arguments) throws Exception {
                    System.setProperty("tagger.client.agent", "unix:" + arguments[0]);
                    Tagger tagger = DefaultTagger.init();
                    System.out.println(tagger.status().mode() + " " + tagger.tag("a://b", Cardinality.LOW));
                }
            }
            """;

    private static List<String> classPath() {
        return List.of("target/classes", "../tagger-api/target/classes");
    }

    private String run(String program, String... options) throws Exception {
        Path source = Files.writeString(directory.resolve("Program.java"), program);
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
        command.addAll(List.of(options));
        command.add(source.toString());
        command.add(directory.resolve("none.sock").toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void classPath_ofTwoJars_isEnough() throws Exception {
        assertThat(run(PROGRAM, "-cp", String.join(File.pathSeparator, classPath())))
                .contains("client []");
    }

    @Test
    void modulePath_isEnough() throws Exception {
        assertThat(run(
                        PROGRAM,
                        "-p",
                        String.join(File.pathSeparator, classPath()),
                        "--add-modules",
                        "io.tagger.client"))
                .contains("client []");
    }

    @Test
    void loaderOfAnotherAgent_findsTheClientBesideTheApi() throws Exception {
        String program = """
                import java.io.File;
                import java.net.URL;
                import java.net.URLClassLoader;
                public class Program {
                    public static void main(String[] arguments) throws Exception {
                        System.setProperty("tagger.client.agent", "unix:/no/such.sock");
                        URL[] urls = {new File("%s").toURI().toURL(), new File("%s").toURI().toURL()};
                        ClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
                        Class<?> api = loader.loadClass("io.tagger.api.DefaultTagger");
                        Object tagger = api.getMethod("init").invoke(null);
                        System.out.println(tagger.getClass().getName() + " " + (tagger.getClass().getClassLoader() == loader));
                        System.exit(0);
                    }
                }
                """.formatted(classPath().toArray());

        assertThat(run(program)).contains("io.tagger.client.ClientTagger true");
    }
}
