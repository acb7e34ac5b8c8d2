package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.tagger.ipc.v1.TagRequest;
import io.tagger.ipc.v1.TagResponse;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs of other languages at the built agent, at their first try: the examples of docs/protocol.md in Go and Node, and
 * ordinary gRPC clients. {@code TESTS_FOREIGN=required} makes a missing tool a failure.
 */
class ForeignClientsIT {
    private static final String WEB = "added container_id://web [image_name:web container_id:web]";

    @TempDir
    Path directory;

    private Path socket;
    private Distribution.Running agent;

    @BeforeEach
    void start() throws Exception {
        socket = directory.resolve("tagger.sock");
        Path config = Files.writeString(
                directory.resolve("tagger.conf"),
                "tagger.collectors { docker.enabled = false, kubernetes.enabled = false, ecs.enabled = false\n"
                        + "static.entities { \"container_id://web\" { low = [\"image_name:web\"], high = [\"container_id:web\"] } } }");
        agent = new Distribution(Distribution.BUILT)
                .start(directory.resolve("log"), "-c", config.toString(), "--socket", socket.toString());
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
    }

    @Test
    void go_watchesOverTheSocket() throws Exception {
        require("go");
        Path program = directory.resolve("watch");
        Path sources = Path.of("../examples/watch-go");
        assertThat(run(sources, "go", "build", "-o", program.toString(), ".")).isEmpty();

        prints(List.of(program.toString(), socket.toString()));
    }

    @Test
    void node_watchesOverTheSocket() throws Exception {
        require("node");

        prints(List.of("node", "../examples/watch-node/watch.mjs", socket.toString()));
    }

    @Test
    void grpcOfGo_needsNoOption() throws Exception {
        require("go");
        Path program = directory.resolve("grpc");
        run(Path.of("../benchmarks/client/grpc"), "go", "build", "-mod=mod", "-o", program.toString(), ".");

        assertThat(run(directory, program.toString(), "container_id://web", socket.toString()))
                .contains("p50");
    }

    @Test
    void grpcOfC_needsNoOption() throws Exception {
        String python = System.getenv("TESTS_GRPC_PYTHON"); // a Python with grpcio
        required(python != null, "TESTS_GRPC_PYTHON");
        Path program = Files.writeString(directory.resolve("ask.py"), """
                import sys, grpc
                channel = grpc.insecure_channel("unix://" + sys.argv[1])
                tag = channel.unary_unary("/tagger.v1.Tagger/Tag")
                entity = b"container_id://web"
                print(tag(bytes([0x0A, len(entity)]) + entity, timeout=10))
                """);

        assertThat(run(directory, python, program.toString(), socket.toString()))
                .contains("image_name:web");
    }

    /** More calls than a server takes resets from a caller within 30 s: none may be answered before its end. */
    @Test
    void grpcOfJava_needsNoOption_andGoesOnAfterManyCalls() {
        ManagedChannel channel = Grpc.newChannelBuilder("unix://" + socket, InsecureChannelCredentials.create())
                .build();
        try {
            MethodDescriptor<TagRequest, TagResponse> tag = MethodDescriptor.<TagRequest, TagResponse>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("tagger.v1.Tagger/Tag")
                    .setRequestMarshaller(messages(TagRequest.parser()))
                    .setResponseMarshaller(messages(TagResponse.parser()))
                    .build();
            TagRequest question =
                    TagRequest.newBuilder().setEntity("container_id://web").build();
            for (int i = 0; i < 10_000; i++) {
                assertThat(ClientCalls.blockingUnaryCall(channel, tag, CallOptions.DEFAULT, question)
                                .getTagsList())
                        .containsExactly("image_name:web");
            }
        } finally {
            channel.shutdownNow();
        }
    }

    private static <M extends MessageLite> MethodDescriptor.Marshaller<M> messages(Parser<M> parser) {
        return new MethodDescriptor.Marshaller<>() {
            @Override
            public InputStream stream(M message) {
                return new ByteArrayInputStream(message.toByteArray());
            }

            @Override
            public M parse(InputStream stream) {
                try {
                    return parser.parseFrom(stream);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    private void prints(List<String> command) throws Exception {
        Path log = directory.resolve("printed");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(Files.readString(log)).contains(WEB, "synced"));
            agent.close();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(log)).contains("the agent went away");
        } finally {
            process.destroyForcibly();
        }
    }

    private static String run(Path folder, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        return printed;
    }

    private static void require(String tool) {
        List<Path> found = new ArrayList<>();
        for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(folder, tool))) {
                found.add(Path.of(folder, tool));
            }
        }
        required(!found.isEmpty(), tool);
    }

    private static void required(boolean isThere, String what) {
        if (!isThere && "required".equals(System.getenv("TESTS_FOREIGN"))) {
            fail(what + " is missing");
        }
        assumeTrue(isThere, what);
    }
}
