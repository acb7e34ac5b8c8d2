package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built tagger-javaagent.jar in JVMs of its own, beside a running agent. OpenTelemetryIT has the jar in a container. */
class JavaAgentIT {
    private static final Path API = Path.of("../tagger-api/target/classes").toAbsolutePath();
    private static final String QUIET = """
            tagger.collectors { docker.enabled = false, kubernetes.enabled = false, ecs.enabled = false, containerd.enabled = false }
            """;

    @TempDir
    Path directory;

    /** The jar of a module, as a user takes the jar. */
    static Path jar(String module) throws IOException {
        try (Stream<Path> jars = Files.list(Path.of("..", module, "target"))) {
            return jars.filter(jar -> jar.getFileName().toString().matches(module + "-[0-9.]+(-SNAPSHOT)?\\.jar"))
                    .findFirst()
                    .orElseThrow()
                    .toAbsolutePath()
                    .normalize();
        }
    }

    @BeforeEach
    void compile() throws IOException {
        Path program = Files.writeString(directory.resolve("Program.java"), """
                import io.tagger.api.DefaultTagger;
                import java.net.URL;
                import java.net.URLClassLoader;

                public class Program {
                    /** In a class loader of its own, as in an application server, with tagger-api beside. */
                    public static class Inside implements Runnable {
                        public void run() {
                            Class<?> tagger = DefaultTagger.get().getClass();
                            System.out.println("tagger " + tagger.getName() + " of " + tagger.getClassLoader().getName());
                            System.out.println("self " + DefaultTagger.get().self().orElseThrow().entity());
                            DefaultTagger.close();
                            try {
                                DefaultTagger.get();
                            } catch (IllegalStateException e) {
                                System.out.println("closed");
                            }
                        }
                    }

                    public static void main(String[] arguments) throws Exception {
                        System.getProperties().forEach((name, value) -> {
                            if (name.toString().matches("(tagger.tag|otel).*")) {
                                System.out.println(name + "=" + value);
                            }
                        });
                        for (String hidden : new String[] {"client.ClientTagger", "api.Tagger", "javaagent.identity.Identity"}) {
                            try {
                                Class.forName("io.tagger." + hidden);
                                System.out.println("visible " + hidden);
                            } catch (ClassNotFoundException e) {
                                System.out.println("hidden " + hidden);
                            }
                        }
                        for (String url : arguments) {
                            URL[] urls = {new URL(url), Program.class.getProtectionDomain().getCodeSource().getLocation()};
                            ClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
                            ((Runnable) loader.loadClass("Program$Inside").getConstructor().newInstance()).run();
                        }
                    }
                }
                """);
        Path waiting = Files.writeString(directory.resolve("Waiting.java"), """
                public class Waiting {
                    public static void main(String[] arguments) throws Exception {
                        System.out.println("running");
                        System.in.read();
                        System.out.println("team=" + System.getProperty("tagger.tag.process_name"));
                    }
                }
                """);
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-cp",
                                API.toString(),
                                "-d",
                                directory + "/classes",
                                program.toString(),
                                waiting.toString()))
                .isZero();
    }

    private Distribution.Running agent() throws IOException {
        Path config = Files.writeString(directory.resolve("tagger.conf"), QUIET);
        return new Distribution(Distribution.BUILT)
                .start(directory.resolve("run.log"), "-c", config.toString(), "--socket", socket());
    }

    private String socket() {
        return directory.resolve("tagger.sock").toString();
    }

    private static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    private List<String> command(String agentOptions, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                tool("java"),
                "-XX:TieredStopAtLevel=1",
                "-javaagent:" + jar("tagger-javaagent") + "=agent=" + socket() + agentOptions,
                "-cp",
                directory + "/classes"));
        command.addAll(List.of(more));
        return command;
    }

    /** The output of a command, with standard error. */
    private static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(out).isZero();
        return out;
    }

    @Test
    void jvm_knowsItsTagsBeforeMain_andTheDefaultTaggerIsTheClient() throws Exception {
        try (Distribution.Running agent = agent()) {
            assertThat(agent.process.isAlive()).isTrue();
            String out = run(command(",wait=20s", "Program", API.toUri().toURL().toString()));

            assertThat(out.lines())
                    .contains(
                            "tagger.tag.process_name=java",
                            "hidden client.ClientTagger",
                            "hidden api.Tagger",
                            "hidden javaagent.identity.Identity",
                            "tagger io.tagger.client.ClientTagger of tagger-client",
                            "closed")
                    .anySatisfy(line -> assertThat(line)
                            .startsWith("otel.resource.attributes=")
                            .contains("process_name=java", "host.arch="))
                    .anySatisfy(line -> assertThat(line).startsWith("self process://"))
                    .noneMatch(line -> line.startsWith("tagger:"));
        }
    }

    @Test
    void recording_beginsWithTheIdentity_whetherItBeganBeforeOrAfterTheStart() throws Exception {
        try (Distribution.Running agent = agent()) {
            assertThat(agent.process.isAlive()).isTrue();
            Path early = directory.resolve("early.jfr");
            List<String> command = command(",wait=20s", "Program");
            command.add(1, "-XX:StartFlightRecording:settings=none,filename=" + early);
            run(command);
            assertThat(identities(early))
                    .containsOnlyOnce("io.tagger.Identity {")
                    .contains("process_name:java");

            Path late = directory.resolve("late.jfr");
            Process waiting = new ProcessBuilder(command(",wait=20s", "Waiting")).start();
            try {
                assertThat(waiting.inputReader().readLine()).isEqualTo("running");
                run(List.of(tool("jcmd"), "" + waiting.pid(), "JFR.start", "name=x", "settings=none"));
                run(List.of(tool("jcmd"), "" + waiting.pid(), "JFR.dump", "name=x", "filename=" + late));
            } finally {
                waiting.destroyForcibly().waitFor();
            }
            assertThat(identities(late)).contains("entity = \"process://" + waiting.pid(), "complete = ");
        }
    }

    private static String identities(Path recording) throws Exception {
        return run(List.of(tool("jfr"), "print", "--events", "io.tagger.Identity", recording.toString()));
    }

    @Test
    void runningJvm_getsItsTags_byJcmd() throws Exception {
        try (Distribution.Running agent = agent()) {
            assertThat(agent.process.isAlive()).isTrue();
            Process waiting = new ProcessBuilder(List.of(tool("java"), "-cp", directory + "/classes", "Waiting"))
                    .redirectErrorStream(true)
                    .start();
            try {
                assertThat(waiting.inputReader().readLine()).isEqualTo("running");
                run(List.of(
                        tool("jcmd"),
                        "" + waiting.pid(),
                        "JVMTI.agent_load",
                        jar("tagger-javaagent").toString(),
                        "\"wait=20s,agent=" + socket() + "\""));
                waiting.outputWriter().append("\n").close();
                // JDK 21 and later warn of every agent that is loaded into a running JVM.
                assertThat(waiting.inputReader().lines().filter(line -> !line.startsWith("WARNING")))
                        .containsExactly("team=java");
            } finally {
                waiting.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void withoutAnAgent_orBesideAHangingAgent_theApplicationStarts_andNothingIsPrinted() throws Exception {
        List<String> nothing =
                List.of("hidden client.ClientTagger", "hidden api.Tagger", "hidden javaagent.identity.Identity");
        assertThat(run(command("", "Program")).lines()).containsExactlyElementsOf(nothing);
        assertThat(run(command(",no-such,wait=-", "Program")).lines()).containsExactlyElementsOf(nothing);
        assertThat(run(command(",log,no-such", "Program")).lines())
                .anySatisfy(line -> assertThat(line).startsWith("tagger: no tags for this JVM: no tagger agent"))
                .anySatisfy(line -> assertThat(line).contains("no option 'no-such'"));
        try (ServerSocketChannel hanging = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            hanging.bind(UnixDomainSocketAddress.of(socket()));
            assertThat(run(command(",wait=50ms", "Program")).lines()).containsExactlyElementsOf(nothing);
        }
    }
}
