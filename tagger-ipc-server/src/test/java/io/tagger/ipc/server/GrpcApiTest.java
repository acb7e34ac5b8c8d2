package io.tagger.ipc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.MessageOrBuilder;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.ipc.v1.Attribute;
import io.tagger.ipc.v1.Cardinality;
import io.tagger.ipc.v1.Entity;
import io.tagger.ipc.v1.Event;
import io.tagger.ipc.v1.GetEntityRequest;
import io.tagger.ipc.v1.GetEntityResponse;
import io.tagger.ipc.v1.ListEntitiesRequest;
import io.tagger.ipc.v1.ListEntitiesResponse;
import io.tagger.ipc.v1.OriginResponse;
import io.tagger.ipc.v1.ResolveOriginRequest;
import io.tagger.ipc.v1.ResourceRequest;
import io.tagger.ipc.v1.ResourceResponse;
import io.tagger.ipc.v1.SelfRequest;
import io.tagger.ipc.v1.StatusRequest;
import io.tagger.ipc.v1.StatusResponse;
import io.tagger.ipc.v1.TagRequest;
import io.tagger.ipc.v1.TagResponse;
import io.tagger.ipc.v1.WatchEntitiesRequest;
import io.tagger.ipc.v1.WatchEntitiesResponse;
import io.tagger.testkit.FakeTagger;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code tagger.proto}, over the real socket. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GrpcApiTest {
    private static final EntityId C1 = EntityId.container("c1");
    private static final EntityId C2 = EntityId.container("c2");
    private static final EntityId P1 = EntityId.pod("p1");

    private final FakeTagger tagger = new FakeTagger();
    private final Vertx vertx = Vertx.vertx();

    @TempDir
    Path directory;

    private Path socket;
    private IpcServer server;
    private GrpcClient client;

    @BeforeEach
    void start() {
        socket = directory.resolve("tagger.sock");
        server = serve(Duration.ofSeconds(60));
        client = newClient();
        tagger.set(TagInfo.builder("test", C1)
                .low("image_name", "nginx")
                .standard("env", "prod")
                .orchestrator("pod_name", "p")
                .high("container_id", "c1")
                .build());
    }

    private IpcServer serve(Duration idle) {
        return IpcServer.start(
                tagger, new IpcSettings(socket, "0660", Limits.of(32, idle), Optional.empty()), statistics -> "");
    }

    private GrpcClient newClient() {
        return GrpcClient.client(
                vertx,
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
    }

    @AfterEach
    void stop() {
        server.close();
        vertx.close().await();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CARDINALITY_UNSPECIFIED | env:prod image_name:nginx",
                "LOW                     | env:prod image_name:nginx",
                "ORCHESTRATOR            | env:prod image_name:nginx pod_name:p",
                "HIGH                    | env:prod image_name:nginx pod_name:p container_id:c1"
            })
    void tags_ofAnEntity(Cardinality cardinality, String tags) {
        TagResponse answer = call(
                "Tag",
                TagRequest.newBuilder()
                        .setEntity("container_id://c1")
                        .setCardinality(cardinality)
                        .build(),
                TagResponse.getDefaultInstance());

        assertThat(answer.getTagsList()).containsExactly(tags.split(" "));
        assertThat(answer.getComplete()).isTrue();
        assertThat(answer.getKnown()).isTrue();
    }

    @Test
    void resource_hasTextsAndArrays() throws Exception {
        tagger.set(TagInfo.builder("test", EntityId.container("r1"))
                .low("image_tag", "1.2")
                .low("team", "core")
                .build());

        assertThat(call(
                        "Resource",
                        ResourceRequest.newBuilder()
                                .setEntity("container_id://r1")
                                .build(),
                        ResourceResponse.getDefaultInstance()))
                .isEqualTo(ResourceResponse.newBuilder()
                        .setEntity("container_id://r1")
                        .setConventions("1.44.0")
                        .setComplete(true)
                        .addAttributes(Attribute.newBuilder()
                                .setName("container.image.tags")
                                .addValues("1.2")
                                .setIsArray(true))
                        .addAttributes(Attribute.newBuilder().setName("team").addValues("core"))
                        .build());
        assertThat(response(
                                "Resource",
                                ResourceRequest.newBuilder()
                                        .setEntity("container_id://none")
                                        .build(),
                                ResourceResponse.getDefaultInstance())
                        .status())
                .isEqualTo(GrpcStatus.NOT_FOUND);
    }

    /** This process, wherever the test runs. */
    @Test
    void self_isTheProcessOrItsContainer() {
        OriginResponse self = call("Self", SelfRequest.getDefaultInstance(), OriginResponse.getDefaultInstance());
        OriginResponse asked = call(
                "ResolveOrigin",
                ResolveOriginRequest.newBuilder()
                        .setPid(ProcessHandle.current().pid())
                        .build(),
                OriginResponse.getDefaultInstance());

        assertThat(self.getHow()).isEqualTo("peer pid");
        assertThat(asked.getHow()).isEqualTo("pid");
        assertThat(asked.getEntity().getId())
                .isEqualTo(self.getEntity().getId())
                .matches("(process|container_id)://.*");
    }

    @Test
    void origin_ofAContainer_hasItsTags() {
        String id = "3f4ab09c".repeat(8);
        tagger.set(TagInfo.builder("test", EntityId.container(id))
                .low("image_name", "nginx")
                .build());
        OriginResponse answer = call(
                "ResolveOrigin",
                ResolveOriginRequest.newBuilder().setContainer(id).build(),
                OriginResponse.getDefaultInstance());

        assertThat(answer.getEntity().getLowList()).containsExactly("image_name:nginx");
        assertThat(answer.getHow()).isEqualTo("as the caller says");
        assertThat(answer.hasAround()).isFalse();
    }

    @Test
    void origin_thatIsNone_isRefusedWithTheReason() {
        for (ResolveOriginRequest question : List.of(
                ResolveOriginRequest.getDefaultInstance(),
                ResolveOriginRequest.newBuilder().setPid(1).setInode(2).build(),
                ResolveOriginRequest.newBuilder().setPod("u1").build(),
                ResolveOriginRequest.newBuilder().setContainer("3f4a").build(),
                ResolveOriginRequest.newBuilder()
                        .setPid(1)
                        .setWaitMillis(31_000)
                        .build())) {
            assertThat(response("ResolveOrigin", question, OriginResponse.getDefaultInstance())
                            .status())
                    .as("%s", question)
                    .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
        }
        var gone = response(
                "ResolveOrigin",
                ResolveOriginRequest.newBuilder().setPid(Integer.MAX_VALUE).build(),
                OriginResponse.getDefaultInstance());
        assertThat(gone.status()).isEqualTo(GrpcStatus.NOT_FOUND);
        assertThat(gone.statusMessage()).contains("hostPID: true");
    }

    @Test
    void tags_ofAnUnknownEntity() {
        assertThat(call(
                        "Tag",
                        TagRequest.newBuilder().setEntity("container_id://x").build(),
                        TagResponse.getDefaultInstance()))
                .isEqualTo(TagResponse.newBuilder().setComplete(true).build());
    }

    @ParameterizedTest
    @CsvSource({
        "Tag, c1, 0, INVALID_ARGUMENT, c1",
        "Tag, container_id://c1, 9, INVALID_ARGUMENT, no such cardinality",
        "GetEntity, c1, 0, INVALID_ARGUMENT, c1",
        "GetEntity, container_id://x, 0, NOT_FOUND, no collector knows the entity container_id://x",
        "Nothing, container_id://x, 0, UNIMPLEMENTED, ''"
    })
    void question_thatHasNoAnswer(String method, String entity, int cardinality, GrpcStatus status, String message) {
        TagRequest question = TagRequest.newBuilder()
                .setEntity(entity)
                .setCardinalityValue(cardinality)
                .build();
        GrpcClientResponse<TagRequest, TagResponse> response =
                response(method, question, TagResponse.getDefaultInstance());

        assertThat(response.status()).isEqualTo(status);
        assertThat(String.valueOf(response.statusMessage())).contains(message);
    }

    @Test
    void message_overTheLimit_isRefused_andTheConnectionGoesOn() {
        TagRequest question = TagRequest.newBuilder()
                .setEntity("container_id://" + "x".repeat(70_000))
                .build();

        assertThat(response("Tag", question, TagResponse.getDefaultInstance()).status())
                .isNotEqualTo(GrpcStatus.OK);
        tags_ofAnUnknownEntity();
    }

    @Test
    void entity_hasItsSources() {
        Entity one = call(
                        "GetEntity",
                        GetEntityRequest.newBuilder()
                                .setEntity("container_id://c1")
                                .build(),
                        GetEntityResponse.getDefaultInstance())
                .getEntity();
        assertThat(one.getLowList()).containsExactly("env:prod", "image_name:nginx");
        assertThat(one.getOrchestratorList()).containsExactly("pod_name:p");
        assertThat(one.getHighList()).containsExactly("container_id:c1");
        assertThat(one.getStandardList()).containsExactly("env:prod");
        assertThat(one.getSourcesList()).singleElement().satisfies(source -> {
            assertThat(source.getName()).isEqualTo("test");
            assertThat(source.getAll()).isTrue();
            assertThat(source.getComplete()).isTrue();
        });
    }

    @Test
    void list_comesInParts() {
        for (int i = 0; i < 5_000; i++) {
            tagger.set(TagInfo.builder("test", EntityId.pod("p" + i))
                    .low("name", "x".repeat(50))
                    .build());
        }
        ListEntitiesRequest question = ListEntitiesRequest.newBuilder()
                .addPrefixes("kubernetes_pod_uid")
                .build();
        List<ListEntitiesResponse> parts = new CopyOnWriteArrayList<>();
        client.request(
                        SocketAddress.domainSocketAddress(socket.toString()),
                        method("ListEntities", question, ListEntitiesResponse.getDefaultInstance()))
                .compose(request -> request.send(question)
                        .compose(response -> response.handler(parts::add).end()))
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();

        assertThat(parts).hasSizeGreaterThan(5);
        assertThat(parts.stream()
                        .flatMap(part -> part.getEntitiesList().stream())
                        .map(Entity::getId)
                        .distinct())
                .hasSize(5_000);
    }

    @Test
    void status_isThatOfTheTagger() {
        StatusResponse status = call("Status", StatusRequest.getDefaultInstance(), StatusResponse.getDefaultInstance());

        assertThat(status.getReady()).isTrue();
        assertThat(status.getEntities()).isEqualTo(1);
        assertThat(status.getLineageList()).hasSize(1);
    }

    // Watching.

    @Test
    void watch_tellsWhatThereIs_thenWhatChanges() {
        tagger.set(TagInfo.builder("test", P1).low("a", "b").build());
        Watcher watcher = watch(WatchEntitiesRequest.newBuilder()
                .addPrefixes("container_id")
                .setCardinality(Cardinality.ORCHESTRATOR)
                .build());
        await().until(watcher::isSynced);
        assertThat(watcher.state).containsOnlyKeys("container_id://c1");
        Entity entity = watcher.state.get("container_id://c1");
        assertThat(entity.getOrchestratorList()).containsExactly("pod_name:p");
        assertThat(entity.getHighList()).isEmpty();
        assertThat(entity.getSourcesList()).isEmpty();

        tagger.set(TagInfo.builder("test", C2).low("team", "core").build());
        tagger.set(TagInfo.builder("test", P1).low("a", "c").build());
        tagger.set(TagInfo.deletion("test", C1));
        await().untilAsserted(() -> assertThat(watcher.state).containsOnlyKeys("container_id://c2"));
    }

    @Test
    void watch_thatIsResumed_isToldWhatItMissed_andNothingElse() {
        for (int i = 0; i < 100; i++) {
            tagger.set(
                    TagInfo.builder("test", EntityId.pod("p" + i)).low("a", "b").build());
        }
        Watcher first = watch(WatchEntitiesRequest.getDefaultInstance());
        await().until(first::isSynced);
        assertThat(first.state).hasSize(101);
        first.request.cancel();

        tagger.set(TagInfo.builder("test", C2).low("team", "core").build());
        tagger.set(TagInfo.deletion("test", C1));
        tagger.set(TagInfo.builder("test", EntityId.pod("p7")).low("a", "c").build());
        Watcher second = watch(
                WatchEntitiesRequest.newBuilder().setResumeToken(first.token).build());
        await().until(second::isSynced);

        assertThat(second.events)
                .extracting(event -> event.getType() + " " + event.getEntity().getId())
                .containsExactly(
                        "SET container_id://c2", "DELETED container_id://c1", "SET kubernetes_pod_uid://p7", "SYNCED ");
    }

    @Test
    void token_ofAnotherRun_startsOver() {
        for (ByteString token : List.of(ByteString.copyFromUtf8("x"), ByteString.copyFrom(new byte[16]))) {
            Watcher watcher = watch(
                    WatchEntitiesRequest.newBuilder().setResumeToken(token).build());
            await().until(watcher::isSynced);

            assertThat(watcher.events)
                    .extracting(Event::getType)
                    .containsExactly(Event.Type.START_OVER, Event.Type.SET, Event.Type.SYNCED);
        }
    }

    @Test
    void watcher_thatDoesNotRead_isToldTheLastStateOnly() {
        Watcher watcher = watch(WatchEntitiesRequest.newBuilder()
                .setCardinality(Cardinality.HIGH)
                .build());
        await().until(watcher::isSynced);
        watcher.response.pause();
        String padding = "x".repeat(10_000);
        for (int i = 0; i < 1_000; i++) {
            tagger.set(TagInfo.builder("test", C1).low("version", i + padding).build());
        }
        client = newClient(); // a connection has one window for all its streams, filled by the paused stream
        Watcher other = watch(WatchEntitiesRequest.newBuilder()
                .setCardinality(Cardinality.HIGH)
                .build());
        await().untilAsserted(() -> assertThat(version(other)).isEqualTo("version:999" + padding));

        watcher.response.resume();
        await().untilAsserted(() -> assertThat(version(watcher)).isEqualTo("version:999" + padding));
        assertThat(watcher.events).as("1,000 changes of 10 KB").hasSizeLessThan(500);
    }

    @Test
    void watcher_thatIsGone_isForgotten() {
        Watcher watcher = watch(WatchEntitiesRequest.getDefaultInstance());
        await().until(() -> server.statistics().watchers() == 1);
        watcher.request.cancel();

        await().until(() -> server.statistics().watchers() == 0);
        watch(WatchEntitiesRequest.getDefaultInstance());
        await().until(() -> server.statistics().watchers() == 1);
        client.close();
        await().until(() -> server.statistics().watchers() == 0);
    }

    @Test
    void connectionThatAsksNothingAnyMore_isClosed() {
        server.close();
        server = serve(Duration.ofMillis(100));
        tags_ofAnUnknownEntity();

        assertThat(server.statistics().requests()).isEqualTo(1);
        await().until(() -> server.statistics().connections() == 0);
    }

    @Test
    void watchThatIsCancelled_isOver() {
        server.close();
        server = serve(Duration.ofMillis(100));
        Watcher watcher = watch(WatchEntitiesRequest.getDefaultInstance());
        await().until(watcher::isSynced);
        watcher.request.cancel();

        await().until(() -> server.statistics().connections() == 0);
    }

    @Test
    void watchOverHttp2_thatIsGivenUp_isOver() {
        server.close();
        server = serve(Duration.ofMillis(100));
        vertx.createHttpClient(new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(false))
                .request(new RequestOptions()
                        .setServer(SocketAddress.domainSocketAddress(socket.toString()))
                        .setHost("localhost")
                        .setURI("/v1/watch"))
                .compose(request -> request.send().map(response -> request.reset(8)))
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();

        await().until(() -> server.statistics().connections() == 0);
    }

    @Test
    void kindThatNobodyHas_isNoError_andOneThatCanBeNone_is() {
        Watcher watcher = watch(
                WatchEntitiesRequest.newBuilder().addPrefixes("nobody_has_this").build());
        await().until(watcher::isSynced);
        assertThat(watcher.state).isEmpty();

        var refused = response(
                "ListEntities",
                ListEntitiesRequest.newBuilder().addPrefixes("No").build(),
                ListEntitiesResponse.getDefaultInstance());
        await().until(() -> refused.status() != null);
        assertThat(refused.status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
        assertThat(server.statistics().errors()).isEqualTo(1);
    }

    @Test
    void quietWatch_isNotIdle() {
        server.close();
        server = serve(Duration.ofMillis(100));
        Watcher watcher = watch(WatchEntitiesRequest.getDefaultInstance());
        await().until(watcher::isSynced);
        await().pollDelay(Duration.ofMillis(500)).until(() -> true);
        tagger.set(TagInfo.builder("test", C2).low("a", "late").build());

        await().untilAsserted(() -> assertThat(watcher.state).containsKey("container_id://c2"));
    }

    private static String version(Watcher watcher) {
        Entity entity = watcher.state.get("container_id://c1");
        return entity == null || entity.getLowCount() == 0 ? "" : entity.getLow(0);
    }

    private static final class Watcher {
        final GrpcClientRequest<WatchEntitiesRequest, WatchEntitiesResponse> request;
        final GrpcClientResponse<WatchEntitiesRequest, WatchEntitiesResponse> response;
        final List<Event> events = new CopyOnWriteArrayList<>();
        final Map<String, Entity> state = new ConcurrentHashMap<>();
        volatile ByteString token = ByteString.EMPTY;

        Watcher(
                GrpcClientRequest<WatchEntitiesRequest, WatchEntitiesResponse> request,
                GrpcClientResponse<WatchEntitiesRequest, WatchEntitiesResponse> response) {
            this.request = request;
            this.response = response;
            response.handler(message -> {
                for (Event event : message.getEventsList()) {
                    events.add(event);
                    switch (event.getType()) {
                        case SET -> state.put(event.getEntity().getId(), event.getEntity());
                        case DELETED -> state.remove(event.getEntity().getId());
                        case START_OVER -> state.clear();
                        default -> {}
                    }
                }
                token = message.getResumeToken();
            });
        }

        boolean isSynced() {
            return events.stream().anyMatch(event -> event.getType() == Event.Type.SYNCED);
        }
    }

    private Watcher watch(WatchEntitiesRequest question) {
        // The handler is set on the event loop, where the response arrives: messages before the handler are lost.
        return client.request(
                        SocketAddress.domainSocketAddress(socket.toString()),
                        method(
                                "WatchEntities",
                                WatchEntitiesRequest.getDefaultInstance(),
                                WatchEntitiesResponse.getDefaultInstance()))
                .compose(request -> request.send(question).map(response -> new Watcher(request, response)))
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private static <Q extends MessageLite, A extends MessageLite & MessageOrBuilder> ServiceMethod<A, Q> method(
            String name, Q question, A answer) {
        assertThat(question).isNotNull();
        return ServiceMethod.client(
                ServiceName.create("tagger.v1", "Tagger"),
                name,
                GrpcMessageEncoder.<Q>encoder(),
                GrpcMessageDecoder.<A>decoder(answer));
    }

    private <Q extends MessageLite, A extends MessageLite & MessageOrBuilder> GrpcClientRequest<Q, A> request(
            String method, A answer, Q question) {
        ServiceMethod<A, Q> called = method(method, question, answer);
        return client.<Q, A>request(SocketAddress.domainSocketAddress(socket.toString()), called)
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private <Q extends MessageLite, A extends MessageLite & MessageOrBuilder> GrpcClientResponse<Q, A> response(
            String method, Q question, A answer) {
        return request(method, answer, question)
                .send(question)
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private <Q extends MessageLite, A extends MessageLite & MessageOrBuilder> A call(
            String method, Q question, A answer) {
        return request(method, answer, question)
                .send(question)
                .compose(GrpcClientResponse::last)
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }
}
