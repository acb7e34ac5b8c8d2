package io.tagger.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
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

    private String run(String... options) throws Exception {
        Path source = java.nio.file.Files.writeString(directory.resolve("Program.java"), PROGRAM);
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
        command.addAll(List.of(options));
        command.add(source.toString());
        command.add(directory.resolve("none.sock").toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }

    @Test
    void classPath_ofTwoJars_isEnough() throws Exception {
        assertThat(run("-cp", String.join(File.pathSeparator, classPath()))).contains("client []");
    }

    @Test
    void modulePath_isEnough() throws Exception {
        assertThat(run("-p", String.join(File.pathSeparator, classPath()), "--add-modules", "io.tagger.client"))
                .contains("client []");
    }

    @Test
    void loaderOfAnotherAgent_findsTheClientBesideTheApi() throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String folder : classPath()) {
            urls.add(new File(folder).toURI().toURL());
        }
        try (URLClassLoader loader =
                new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            ClassLoader before = Thread.currentThread().getContextClassLoader();
            Thread.currentThread().setContextClassLoader(ClassLoader.getPlatformClassLoader());
            System.setProperty("tagger.client.agent", "unix:" + directory.resolve("none.sock"));
            try {
                Class<?> api = loader.loadClass("io.tagger.api.DefaultTagger");
                Object tagger = api.getMethod("init").invoke(null);

                assertThat(tagger.getClass().getName()).isEqualTo("io.tagger.client.ClientTagger");
                assertThat(tagger.getClass().getClassLoader()).isSameAs(loader);
                api.getMethod("close").invoke(null);
            } finally {
                System.clearProperty("tagger.client.agent");
                Thread.currentThread().setContextClassLoader(before);
            }
        }
    }
}
