package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job, end to end: a real container, the real agent, the command line and curl. */
class AgentDockerIT {
    @TempDir
    Path directory;

    private DockerShell docker;

    @BeforeEach
    void needsDocker() {
        docker = new DockerShell();
    }

    @Test
    @SuppressWarnings("try") // the agent runs until the end
    void container_hasExactlyTheTagsOfTheCatalogue() throws Exception {
        String imageId = makeImage();
        Path config = Files.writeString(
                directory.resolve("tagger.conf"), "tagger.container.env-as-tags { team: \"+squad\" }\n");
        Path socket = directory.resolve("tagger.sock");
        Distribution tagger = new Distribution(Distribution.BUILT).with("DOCKER_HOST", docker.host());
        String id = "";
        try (Distribution.Running agent =
                tagger.start(directory.resolve("run.log"), "-c", config.toString(), "--socket", socket.toString())) {
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(new Curl(socket).collectors())
                    .containsPattern("(?m)^docker stream running "));
            id = sh(
                    "docker run -d --network none --name tagger-e2e -l com.datadoghq.tags.service=web -e DD_ENV=prod -e TEAM=core acme/e2e:1.2.3 /bin/busybox sleep 600");
            List<String> expected = List.of(
                    "docker_image:acme/e2e:1.2.3",
                    "env:prod",
                    "image_id:" + imageId,
                    "image_name:acme/e2e",
                    "image_tag:1.2.3",
                    "service:web",
                    "short_image:e2e",
                    "container_id:" + id,
                    "container_name:tagger-e2e",
                    "squad:core");

            assertThat(tagger.run("tag", "container_id://" + id, "--cardinality", "high", "--socket", socket.toString())
                            .lines())
                    .containsExactlyElementsOf(expected);
            assertThat(new JsonObject(sh("curl -s --unix-socket " + socket
                                    + " 'http://localhost/v1/tags?entity=container_id://" + id + "&cardinality=high'"))
                            .getJsonArray("tags"))
                    .isEqualTo(new JsonArray(expected));
        } finally {
            if (!id.isEmpty()) {
                sh("docker rm -f " + id);
            }
            sh("docker rmi -f acme/e2e:1.2.3");
        }
    }

    /**
     * A container of a pod, reported by both collectors. The pod's tags rank higher, and Docker's further tags are
     * there too.
     */
    @Test
    void containerOfAPod_isTaggedByBoth_andHasEachNameOnce() throws Exception {
        String imageId = makeImage();
        HttpServer kubelet = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        AtomicReference<String> pods = new AtomicReference<>("{\"items\":[]}");
        kubelet.createContext("/pods", exchange -> {
            byte[] body = pods.get().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        kubelet.start();
        Path config = Files.writeString(directory.resolve("tagger.conf"), """
                tagger.collectors.kubernetes { enabled = true, source = kubelet, service-tags = false, pull-interval = 200ms
                  kubelet.url = "http://127.0.0.1:%d" }
                """.formatted(
                        kubelet.getAddress().getPort()));
        Path socket = directory.resolve("tagger.sock");
        Distribution tagger = new Distribution(Distribution.BUILT).with("DOCKER_HOST", docker.host());
        String id = "";
        try (Distribution.Running agent =
                tagger.start(directory.resolve("run.log"), "-c", config.toString(), "--socket", socket.toString())) {
            assertThat(agent.log()).contains("the pods come from the kubelet at http://127.0.0.1:");
            id = sh("docker run -d --network none --name k8s_main_web-56c89cfff7-x2x7q -e DD_ENV=docker acme/e2e:1.2.3"
                    + " /bin/busybox sleep 600");
            pods.set(new JsonObject("""
                    {"metadata": {"name": "web-56c89cfff7-x2x7q", "namespace": "shop", "uid": "u1",
                                  "labels": {"tags.datadoghq.com/env": "pod", "pod-template-hash": "56c89cfff7"},
                                  "ownerReferences": [{"kind": "ReplicaSet", "name": "web-56c89cfff7"}]},
                     "spec": {"containers": [{"name": "main", "image": "registry.acme/e2e:1.2.3"}]},
                     "status": {"phase": "Running", "containerStatuses": [{"name": "main", "containerID": "docker://%s"}]}}
                    """.formatted(id)).encodePrettily().transform("{\"items\":[%s]}"::formatted));
            List<String> expected = List.of(
                    "docker_image:acme/e2e:1.2.3",
                    "env:pod",
                    "image_id:" + imageId,
                    "image_name:registry.acme/e2e",
                    "image_tag:1.2.3",
                    "kube_container_name:main",
                    "kube_deployment:web",
                    "kube_namespace:shop",
                    "kube_ownerref_kind:replicaset",
                    "kube_replica_set:web-56c89cfff7",
                    "pod_phase:running",
                    "short_image:e2e",
                    "kube_ownerref_name:web-56c89cfff7",
                    "pod_name:web-56c89cfff7-x2x7q",
                    "container_id:" + id,
                    "container_name:k8s_main_web-56c89cfff7-x2x7q",
                    "display_container_name:main_web-56c89cfff7-x2x7q");
            String container = id;
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(tagger.run(
                                    "tag",
                                    "container_id://" + container,
                                    "--cardinality",
                                    "high",
                                    "--socket",
                                    socket.toString())
                            .lines())
                    .containsExactlyElementsOf(expected));
            assertThat(expected)
                    .extracting(tag -> tag.substring(0, tag.indexOf(':')))
                    .doesNotHaveDuplicates();
        } finally {
            kubelet.stop(0);
            if (!id.isEmpty()) {
                sh("docker rm -f " + id);
            }
            sh("docker rmi -f acme/e2e:1.2.3");
        }
    }

    /**
     * A container of an ECS task on EC2: Docker pushes its tags, and the ECS agent is asked for the rest; while the ECS
     * agent hangs, the answer has Docker's tags.
     */
    @Test
    void containerOfAnEcsTask_isTaggedByBoth_andByDockerAloneWhileTheEcsAgentHangs() throws Exception {
        makeImage();
        HttpServer ecs = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ExecutorService threads = Executors.newCachedThreadPool();
        ecs.setExecutor(threads);
        AtomicReference<String> task = new AtomicReference<>("");
        CountDownLatch hanging = new CountDownLatch(1);
        ecs.createContext("/v1/", exchange -> {
            if (exchange.getRequestURI().toString().startsWith("/v1/tasks")
                    && task.get().isEmpty()) {
                try {
                    hanging.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            byte[] body = (exchange.getRequestURI().getPath().equals("/v1/metadata")
                            ? "{\"Cluster\": \"shop\"}"
                            : task.get())
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        ecs.start();
        Path config = Files.writeString(
                directory.resolve("tagger.conf"),
                "tagger.collectors.ecs.introspection-url = \"http://127.0.0.1:%d\""
                        .formatted(ecs.getAddress().getPort()));
        Path socket = directory.resolve("tagger.sock");
        Distribution tagger = new Distribution(Distribution.BUILT).with("DOCKER_HOST", docker.host());
        String id = "";
        try (Distribution.Running agent =
                tagger.start(directory.resolve("run.log"), "-c", config.toString(), "--socket", socket.toString())) {
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> agent.log().contains("tasks come from the ECS agent at http://127.0.0.1:"));
            id = sh("docker run -d --network none --name ecs-checkout-8-web-c4 acme/e2e:1.2.3 /bin/busybox sleep 600");
            String container = id;
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(tag(tagger, container, socket))
                    .contains("container_name:ecs-checkout-8-web-c4", "docker_image:acme/e2e:1.2.3")
                    .noneMatch(tag -> tag.startsWith("task_")));
            assertThat(new JsonObject(sh("curl -s --unix-socket " + socket
                                    + " 'http://localhost/v1/tags?entity=container_id://" + id + "'"))
                            .getBoolean("complete"))
                    .isFalse();

            task.set("""
                    {"Arn": "arn:aws:ecs:eu-west-1:123456789012:task/shop/9", "KnownStatus": "RUNNING", "Family": "checkout",
                     "Version": "8", "Containers": [{"DockerId": "%s", "Name": "web"}]}
                    """.formatted(id));
            hanging.countDown();
            await().atMost(Duration.ofSeconds(40)).untilAsserted(() -> assertThat(tag(tagger, container, socket))
                    .contains(
                            "container_name:ecs-checkout-8-web-c4",
                            "docker_image:acme/e2e:1.2.3",
                            "ecs_container_name:web",
                            "task_family:checkout",
                            "cluster_arn:arn:aws:ecs:eu-west-1:123456789012:cluster/shop"));
        } finally {
            hanging.countDown();
            ecs.stop(0);
            threads.shutdownNow();
            if (!id.isEmpty()) {
                sh("docker rm -f " + id);
            }
            sh("docker rmi -f acme/e2e:1.2.3");
        }
    }

    private static List<String> tag(Distribution tagger, String container, Path socket) throws Exception {
        return tagger.run("tag", "container_id://" + container, "--cardinality", "high", "--socket", socket.toString())
                .lines();
    }

    /** An image with busybox alone. */
    private String makeImage() throws IOException, InterruptedException {
        Path image = Files.createDirectories(directory.resolve("image/bin"));
        Files.copy(Path.of("/bin/busybox"), image.resolve("busybox"));
        sh("chmod 755 " + image + "/busybox && tar -C " + directory.resolve("image")
                + " -c . | docker import - acme/e2e:1.2.3");
        return sh("docker image inspect --format '{{.Id}}' acme/e2e:1.2.3");
    }

    private String sh(String command) throws IOException, InterruptedException {
        return docker.run(command);
    }
}
