package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.testkit.PluginJar;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Attacks of callers, one after another, on one agent with the default heap: a healthy client is refused nothing, and 30 s
 * after an attack the agent holds nothing for the attacker.
 */
class AttacksIT {
    private static final int SECONDS = Integer.getInteger("tagger.attacks.seconds", 1);
    private static final Duration AFTERWARDS = Duration.ofSeconds(30);

    /** Threads and descriptors that come and go by themselves: of pools, and of the healthy client. */
    private static final int SLACK = 12;

    private static final Map<String, Attack.Run> ATTACKS = new LinkedHashMap<>();

    static {
        ATTACKS.put("ids of 15,000 characters", Attack::longIds);
        ATTACKS.put("unknown ids", Attack::unknownIds);
        ATTACKS.put("250 unread lists", Attack::unreadLists);
        ATTACKS.put("10,000 unread watches", Attack::unreadWatches);
        ATTACKS.put("messages that inflate", Attack::inflatingMessages);
        ATTACKS.put("watches, requests behind", Attack::watchesWithFurtherRequests);
        ATTACKS.put("watches, nonsense behind", Attack::watchesWithNonsense);
        ATTACKS.put("three bytes of a message", Attack::threeBytesOfAMessage);
        ATTACKS.put("1,100 silent connections", Attack::silentConnectionsToThePort);
        ATTACKS.put("150 watches", Attack::watchesOfManyConnections);
        ATTACKS.put("odd requests", Attack::requestsThatWereLoggedOnce);
    }

    @TempDir
    Path directory;

    private PluginRig rig;
    private long pid;

    /**
     * What the agent holds.
     *
     * @param resident kilobytes
     * @param threads the number of threads
     * @param files the number of descriptors
     * @param watchers the number of watches
     * @param connections the number of connections
     */
    private record Held(long resident, long threads, long files, long watchers, long connections) {}

    @Test
    void attacks_refuseNothingToAHealthyClient_andLeaveNothing() throws Exception {
        rig = new PluginRig(directory);
        PluginJar.of("com.acme.Shelf", shelf()).write(rig.plugins.resolve("shelf/plugin.jar"));
        int port = freePort();
        Path socket = directory.resolve("tagger.sock");
        try (Distribution.Running agent = rig.start("-c", config(port))) {
            pid = agent.process.pid();
            System.out.printf("%-26s %8s %8s %8s %22s %22s%n", "attack", "hits", "p50 us", "p99 us", "before", "after");
            for (Map.Entry<String, Attack.Run> attack : ATTACKS.entrySet()) {
                Held before = held();
                HealthyClient client = new HealthyClient(socket);
                CompletableFuture<HealthyClient.Result> answers = client.start();
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
                attack.getValue().on(new Attack(socket, port, () -> System.nanoTime() - end > 0));
                client.stop();
                HealthyClient.Result result = answers.get(30, TimeUnit.SECONDS);

                assertThat(result.refused())
                        .as("%s: %s", attack.getKey(), result)
                        .isZero();
                assertThat(result.hits()).isPositive();
                await().atMost(AFTERWARDS).untilAsserted(() -> {
                    Held now = held();
                    assertThat(now.watchers()).as(attack.getKey()).isLessThanOrEqualTo(before.watchers());
                    assertThat(now.connections()).as(attack.getKey()).isLessThanOrEqualTo(before.connections());
                    assertThat(now.files()).as(attack.getKey()).isLessThanOrEqualTo(before.files() + SLACK);
                    assertThat(now.threads()).as(attack.getKey()).isLessThanOrEqualTo(before.threads() + SLACK);
                });
                System.out.printf(
                        Locale.ROOT,
                        "%-26s %8d %8d %8d %22s %22s%n",
                        attack.getKey(),
                        result.hits(),
                        result.p50(),
                        result.p99(),
                        words(before),
                        words(held()));
            }
            assertThat(agent.log().length()).as("bytes of the log").isLessThan(20_000);
            assertThat(rig.curl().get("/readyz")).contains("\"ready\":true");
            assertThat(rig.curl().tags("thing://1")).containsExactly("on:shelf");
        }
    }

    private static String words(Held held) {
        return held.resident() / 1_024 + " MB " + held.threads() + " thr " + held.files() + " fd";
    }

    private Held held() throws IOException, InterruptedException {
        String status = Files.readString(Path.of("/proc/" + pid + "/status"));
        String metrics = rig.curl().get("/metrics");
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return new Held(
                    number(status, "VmRSS:\\s*(\\d+)"),
                    number(status, "Threads:\\s*(\\d+)"),
                    files.count(),
                    number(metrics, "tagger_ipc_watchers (\\d+)"),
                    number(metrics, "tagger_ipc_connections (\\d+)"));
        }
    }

    private static long number(String text, String pattern) {
        Matcher number = Pattern.compile("(?m)^" + pattern).matcher(text);
        assertThat(number.find()).as("%s in %s", pattern, text).isTrue();
        return Long.parseLong(number.group(1));
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0)) {
            return probe.getLocalPort();
        }
    }

    /** A thousand entities of a kilobyte, and a port with a token. */
    private String config(int port) throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "secret-secret-secret-secret");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        StringBuilder entities = new StringBuilder("entities {\n");
        for (int i = 0; i < 1_000; i++) {
            entities.append("\"job://" + i + "\" { low = [\"v:" + "x".repeat(1_000) + "\"] }\n");
        }
        Path file = Files.writeString(directory.resolve("entities.conf"), entities + "}");
        return Files.writeString(
                        directory.resolve("tagger.conf"),
                        "tagger { collectors.static.file = \"" + file + "\"\n ipc.tcp { host = 127.0.0.1, port = "
                                + port + ", token-file = \"" + token + "\", insecure-loopback = true } }")
                .toString();
    }

    static String shelf() {
        return """
                package com.acme;

                import io.tagger.api.*;
                import io.tagger.api.collector.*;
                import java.util.*;

                public final class Shelf implements FetchOnly {
                    public String name() { return "shelf"; }
                    public CollectorPriority priority() { return CollectorPriority.NODE_RUNTIME; }
                    public Set<String> entityPrefixes() { return Set.of("thing"); }
                    public void detect(CollectorContext context) {}
                    public List<TagInfo> fetch(EntityId entity) {
                        return entity.id().length() > 10
                                ? List.of()
                                : List.of(TagInfo.builder(name(), entity).low("on", "shelf").build());
                    }
                }
                """;
    }
}
