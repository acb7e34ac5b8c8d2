package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * A dockerd stopped by SIGSTOP for 30 s, then the agent for 150 s under renames: a minute later the agent's answers equal
 * the daemon's list. Takes five minutes and runs by {@code .ci/shows docker-stopped} alone; needs root and dockerd.
 */
class DockerStopped {
    /** The id of a container and its name, in the list of entities. */
    private static final Pattern NAME =
            Pattern.compile("\"container_id://(\\w+)\":(?:(?!\"container_id://).)*?\"container_name:([^\"]+)\"");

    private static final int CONTAINERS = 20;
    private static final Duration DAEMON = Duration.ofSeconds(30);
    private static final Duration AGENT = Duration.ofSeconds(Integer.getInteger("tagger.stopped.seconds", 150));
    private static final Duration AFTERWARDS = Duration.ofMinutes(1);

    private Path folder;
    private Path socket;
    private int names;

    @Test
    void nothingIsMissingOrStale_aMinuteLater() throws Exception {
        folder = Files.createTempDirectory("tagger-stopped");
        socket = folder.resolve("tagger.sock");
        Process dockerd = dockerd();
        try {
            makeImage();
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < CONTAINERS; i++) {
                ids.add(start());
            }
            Distribution tagger = new Distribution(Distribution.BUILT).with("TAGGER_HOSTNAME", "test-host");
            Path config = Files.writeString(
                    folder.resolve("tagger.conf"),
                    // A removed container is otherwise served for a grace of minutes.
                    "tagger.store { deletion-grace = 0s, prune-interval = 1s }\n"
                            + "tagger.collectors.docker { enabled = true, host = \"unix://" + folder
                            + "/docker.sock\" }");
            try (Distribution.Running agent =
                    tagger.start(folder.resolve("run.log"), "-c", config.toString(), "--socket", socket.toString())) {
                await().atMost(AFTERWARDS).until(this::differences, Set::isEmpty);
                stopDaemon(dockerd.pid(), ids.get(0));
                stopAgent(agent.process.pid(), ids);
                System.out.println(agent.log());
            }
        } finally {
            end(dockerd);
        }
    }

    private void stopDaemon(long pid, String container) throws Exception {
        signal("STOP", pid);
        long stopped = System.nanoTime();
        Callable<Boolean> isInCollectors = () -> !curl().collectors().contains("docker stream running");
        Callable<Boolean> isInReadiness = () -> curl().get("/readyz").contains("\"ready\":false");
        Callable<Boolean> isInAnswers = () ->
                !curl().json("/v1/tags?entity=container_id://" + container).getBoolean("complete");
        print("the stopped daemon shows in 'tagger collectors'", stopped, isInCollectors);
        print("the stopped daemon shows in /readyz", stopped, isInReadiness);
        print("the stopped daemon shows in the answers' 'complete'", stopped, isInAnswers);
        pause(DAEMON.minusNanos(System.nanoTime() - stopped));
        signal("CONT", pid);
        start();
        pause(AFTERWARDS);
        report("a minute after the daemon's stop of " + DAEMON.toSeconds() + " s");
    }

    private void stopAgent(long pid, List<String> ids) throws Exception {
        signal("STOP", pid);
        long end = System.nanoTime() + AGENT.toNanos();
        int renames = 0;
        for (int i = 0; System.nanoTime() < end; i = (i + 1) % ids.size()) {
            docker("-X", "POST", "/containers/" + ids.get(i) + "/rename?name=renamed-" + names++);
            renames++;
            if (renames % 100 == 0) {
                docker("-X", "DELETE", "/containers/" + ids.get(i) + "?force=true");
                ids.set(i, start());
            }
        }
        signal("CONT", pid);
        pause(AFTERWARDS);
        report("a minute after the agent's stop of " + AGENT.toSeconds() + " s under " + renames + " renames");
    }

    /** The time of the first success. */
    private static void print(String what, long since, Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(60)).until(condition);
        System.out.printf("%s after %.1f s%n", what, (System.nanoTime() - since) / 1e9);
    }

    private void report(String when) throws IOException, InterruptedException {
        Set<String> differences = differences();
        System.out.println(when + ", missing or stale: " + differences.size() + " of "
                + running().size());
        assertThat(differences).as(curl().collectors()).isEmpty();
    }

    /** Waits without a look. */
    private static void pause(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        await().atMost(duration.plusMinutes(1))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> System.nanoTime() >= end);
    }

    /** The ids with another name at the agent than at the daemon, or in one of the two alone. */
    private Set<String> differences() throws IOException, InterruptedException {
        Map<String, String> here = running();
        Map<String, String> there = served();
        Set<String> ids = new HashSet<>(here.keySet());
        ids.addAll(there.keySet());
        ids.removeIf(id -> here.getOrDefault(id, "").equals(there.getOrDefault(id, "")));
        return ids;
    }

    private Map<String, String> running() throws IOException, InterruptedException {
        Map<String, String> names = new HashMap<>();
        for (Object each : new JsonArray(docker("/containers/json"))) {
            JsonObject container = (JsonObject) each;
            names.put(
                    container.getString("Id"),
                    container.getJsonArray("Names").getString(0).substring(1));
        }
        return names;
    }

    private Map<String, String> served() throws IOException, InterruptedException {
        Map<String, String> names = new HashMap<>();
        Matcher name = NAME.matcher(curl().get("/v1/entities?prefix=container_id"));
        while (name.find()) {
            names.put(name.group(1), name.group(2));
        }
        return names;
    }

    private Curl curl() {
        return new Curl(socket);
    }

    private Process dockerd() throws IOException {
        Process dockerd = new ProcessBuilder(
                        "dockerd",
                        "--data-root",
                        folder + "/data",
                        "--exec-root",
                        folder + "/exec",
                        "--pidfile",
                        folder + "/docker.pid",
                        "--host",
                        "unix://" + folder + "/docker.sock",
                        "--iptables=false",
                        "--bridge=none")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("dockerd.log").toFile())
                .start();
        await().atMost(Duration.ofSeconds(60)).until(() -> docker("/_ping").equals("OK"));
        return dockerd;
    }

    private void makeImage() throws IOException, InterruptedException {
        Path bin = Files.createDirectories(folder.resolve("image/bin"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        run(
                "sh",
                "-c",
                "tar -C " + folder + "/image -c . | docker -H unix://" + folder
                        + "/docker.sock import - acme/stopped:1");
    }

    private String start() throws IOException, InterruptedException {
        String body = "{\"Image\":\"acme/stopped:1\",\"Cmd\":[\"/bin/busybox\",\"sleep\",\"3600\"],"
                + "\"HostConfig\":{\"NetworkMode\":\"none\"}}";
        String id = new JsonObject(docker(
                        "-H", "Content-Type: application/json", "-d", body, "/containers/create?name=n" + names++))
                .getString("Id");
        docker("-X", "POST", "/containers/" + id + "/start");
        return id;
    }

    /** The daemon's answer to curl with these arguments, the last of them a path. */
    private String docker(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("curl", "-s", "--unix-socket", folder + "/docker.sock"));
        command.addAll(List.of(arguments).subList(0, arguments.length - 1));
        command.add("http://docker" + arguments[arguments.length - 1]);
        return run(command.toArray(String[]::new));
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        run("kill", "-" + name, Long.toString(pid));
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out.strip();
    }

    /** Ends the daemon and its containerd, by their pids, and removes the folder. */
    private void end(Process dockerd) throws IOException, InterruptedException {
        for (String id : running().keySet()) {
            docker("-X", "DELETE", "/containers/" + id + "?force=true");
        }
        dockerd.destroy();
        if (!dockerd.waitFor(20, TimeUnit.SECONDS)) {
            dockerd.destroyForcibly().waitFor();
        }
        Path pid = folder.resolve("exec/containerd/containerd.pid");
        if (Files.exists(pid)) {
            ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).ifPresent(ProcessHandle::destroyForcibly);
        }
        run("umount", "--recursive", "--lazy", folder + "/data");
        run("rm", "-rf", "--one-file-system", folder.toString());
    }
}
