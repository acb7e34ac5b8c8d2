package io.tagger.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.testing.exporter.InMemoryLogRecordExporter;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.ipc.server.IpcServer;
import io.tagger.ipc.server.IpcSettings;
import io.tagger.origin.Origins;
import io.tagger.testkit.FakeTagger;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenTelemetry's SDK, configured by itself, with an agent on a real socket; the kernel's folders are copies. */
class AutoconfigurationTest {
    private static final String ID = "3f4ab09c".repeat(8);
    private static final EntityId CONTAINER = EntityId.container(ID);

    @TempDir
    Path directory;

    private final FakeTagger tagger = new FakeTagger();
    private Path socket;
    private IpcServer server;

    @BeforeEach
    void start() throws IOException {
        socket = directory.resolve("tagger.sock");
        long pid = ProcessHandle.current().pid();
        Path process = Files.createDirectories(directory.resolve("proc/" + pid));
        Files.writeString(process.resolve("stat"), pid + " (x) S " + "1 ".repeat(18) + "55 0\n");
        Files.writeString(process.resolve("cgroup"), "0::/docker/" + ID + "\n");
        tagger.set(container().build());
    }

    private static TagInfo.Builder container() {
        return TagInfo.builder("test", CONTAINER)
                .standard("service", "shop-web")
                .standard("env", "prod")
                .low("image_tag", "1.2")
                .low("team", "core");
    }

    private void serve() {
        server = IpcServer.start(
                tagger,
                new IpcSettings(
                        socket,
                        "0660",
                        IpcSettings.Limits.defaults(),
                        new IpcSettings.Ports(Optional.empty(), Optional.empty()),
                        new IpcSettings.OriginSettings(
                                new Origins.Folders(directory.resolve("proc"), directory.resolve("cgroup")), ""),
                        IpcSettings.ResourceSettings.DEFAULT),
                statistics -> "");
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private Map<String, String> settings(String... more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "otel.traces.exporter", "none",
                "otel.metrics.exporter", "none",
                "otel.logs.exporter", "none",
                "tagger.otel.wait", "10s",
                "tagger.client.agent", socket.toString()));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return settings;
    }

    private Attributes resource(String... more) {
        AtomicReference<Resource> made = new AtomicReference<>();
        try (OpenTelemetrySdk sdk = AutoConfiguredOpenTelemetrySdk.builder()
                .addPropertiesSupplier(() -> settings(more))
                .addResourceCustomizer((resource, config) -> {
                    made.set(resource);
                    return resource;
                })
                .build()
                .getOpenTelemetrySdk()) {
            assertThat(sdk).isNotNull();
        }
        return made.get().getAttributes();
    }

    private static AttributeKey<String> text(String name) {
        return AttributeKey.stringKey(name);
    }

    @Test
    void resource_hasTheAttributesOfTheOwnContainer() {
        serve();
        Attributes resource = resource();

        assertThat(resource.get(text("service.name"))).isEqualTo("shop-web");
        assertThat(resource.get(text("deployment.environment.name"))).isEqualTo("prod");
        assertThat(resource.get(text("team"))).isEqualTo("core");
        assertThat(resource.get(AttributeKey.stringArrayKey("container.image.tags")))
                .containsExactly("1.2");
    }

    @Test
    void attributesOfTheUser_win() {
        serve();
        Attributes resource = resource("otel.service.name", "mine", "otel.resource.attributes", "team=other,more=x");

        assertThat(resource.get(text("service.name"))).isEqualTo("mine");
        assertThat(resource.get(text("team"))).isEqualTo("other");
        assertThat(resource.get(text("more"))).isEqualTo("x");
        assertThat(resource.get(text("deployment.environment.name"))).isEqualTo("prod");
    }

    @Test
    void withoutAnAgent_nothingIsChanged() {
        Attributes without = resource();

        assertThat(without.get(text("team"))).isNull();
        assertThat(without.get(text("service.name"))).startsWith("unknown_service");
        serve();
        server.close();
        assertThat(resource()).isEqualTo(without);
    }

    /** The connection is accepted by the kernel, and nobody ever answers. */
    @Test
    void agentThatHangs_isGivenUpAfterTheWait() throws Exception {
        try (ServerSocketChannel hanging = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            hanging.bind(UnixDomainSocketAddress.of(socket));

            assertThat(resource("tagger.otel.wait", "50ms").get(text("team"))).isNull();
        }
    }

    @Test
    void detectorOfADeclarativeConfiguration_hasTheSameAttributes() {
        serve();
        TaggerResourceDetector detector = new TaggerResourceDetector();

        assertThat(detector.getType()).isEqualTo(Resource.class);
        assertThat(detector.getName()).isEqualTo("tagger");
        assertThat(OwnAttributes.read(socket.toString(), Duration.ofSeconds(10)).attributes())
                .isEqualTo(resource().toBuilder()
                        .removeIf(key -> List.of(
                                        "service.instance.id",
                                        "telemetry.sdk.language",
                                        "telemetry.sdk.name",
                                        "telemetry.sdk.version")
                                .contains(key.getKey()))
                        .build());
    }

    @Test
    void invalidAddress_doesNotEndTheStart() {
        assertThat(OwnAttributes.read("localhost:7070", null).attributes().isEmpty())
                .isTrue();
        assertThat(resource("tagger.client.agent", "localhost:7070").get(text("team")))
                .isNull();
    }

    @Test
    void waitOfZero_takesTheKnownAttributes() {
        serve();

        // The deadline of the answer is 100 ms, which a cold client on a busy machine may miss.
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(
                        resource("tagger.otel.wait", "0").get(text("team")))
                .isEqualTo("core"));
    }

    @Test
    void lateAttributes_areOnSpansAndLogRecords_ifChosen_andThoseOfTheApplicationWin() {
        InMemorySpanExporter spans = InMemorySpanExporter.create();
        InMemoryLogRecordExporter records = InMemoryLogRecordExporter.create();
        try (OpenTelemetrySdk sdk = AutoConfiguredOpenTelemetrySdk.builder()
                .addPropertiesSupplier(() -> settings(
                        "tagger.otel.late", "true", "otel.resource.attributes", "deployment.environment.name=mine"))
                .addTracerProviderCustomizer(
                        (traces, config) -> traces.addSpanProcessor(SimpleSpanProcessor.create(spans)))
                .addLoggerProviderCustomizer(
                        (logs, config) -> logs.addLogRecordProcessor(SimpleLogRecordProcessor.create(records)))
                .build()
                .getOpenTelemetrySdk()) {
            serve(); // the agent comes after the service
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                sdk.getTracer("test")
                        .spanBuilder("s")
                        .setAttribute("team", "own")
                        .startSpan()
                        .end();
                sdk.getLogsBridge().get("test").logRecordBuilder().setBody("x").emit();
                List<SpanData> finished = spans.getFinishedSpanItems();
                assertThat(finished.get(finished.size() - 1).getAttributes().asMap())
                        .containsEntry(text("service.name"), "shop-web")
                        .containsEntry(text("team"), "own")
                        .doesNotContainKey(text("deployment.environment.name"));
                assertThat(records.getFinishedLogRecordItems()
                                .get(records.getFinishedLogRecordItems().size() - 1)
                                .getAttributes()
                                .asMap())
                        .containsEntry(text("team"), "core");
            });
        }
    }
}
