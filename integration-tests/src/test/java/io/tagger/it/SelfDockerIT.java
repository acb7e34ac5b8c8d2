package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Containers whose first act is the question "who am I?", on a real Docker daemon, with the agent on the machine and in a
 * container with the settings of the two overlays of deploy/kubernetes.
 */
class SelfDockerIT {
    /** {@code .ci/shows self} runs 100 for each place of the agent. */
    private static final int CONTAINERS = Integer.getInteger("tagger.self.containers", 8);

    private static final String ASK = "/usr/bin/curl -s -w ' %{time_total}' --unix-socket /run/tagger/tagger.sock";
    private static final String SELF = "'http://localhost/v1/self?wait=2s&cardinality=high'";
    private static final String INODE = "-H \"Tagger-Local-Data: in-$(/bin/busybox stat -c %i"
            + " $([ -e /sys/fs/cgroup/cgroup.controllers ] && echo /sys/fs/cgroup || echo /sys/fs/cgroup/memory))\"";

    @TempDir
    Path directory;

    private DockerShell docker;
    private Path run;
    private String agent = "";

    @BeforeEach
    void makeImage() throws Exception {
        docker = new DockerShell();
        run = Files.createDirectory(directory.resolve("run"));
        Path image = Files.createDirectories(directory.resolve("image"));
        sh("mkdir -p " + image + "/bin " + image + "/etc && cp /bin/busybox " + image + "/bin/busybox"
                + " && for f in /usr/bin/curl $(ldd /usr/bin/curl | grep -o '/[^ ]*'); do cp -L --parents $f " + image
                + "; done"
                + " && tar -C " + image + " -c . | docker import - acme/self:1");
    }

    @AfterEach
    void clean() throws Exception {
        if (docker == null) {
            return; // skipped, without a daemon
        }
        if (!agent.isEmpty()) {
            sh("docker rm -f " + agent);
        }
        sh("docker rmi -f acme/self:1");
    }

    @Test
    @SuppressWarnings("try") // the agent runs until the end
    void agentOnTheMachine() throws Exception {
        Distribution tagger = new Distribution(Distribution.BUILT).with("DOCKER_HOST", docker.host());
        try (Distribution.Running running =
                tagger.start(directory.resolve("run.log"), "--socket", run + "/tagger.sock")) {
            report("on the machine", "peer pid", "--cgroupns=host", "");
            report("on the machine, private cgroups", "peer pid", "--cgroupns=private", "");
            // A file of another container, which misleads programs that read mountinfo.
            String other = sh("docker run -d --network none acme/self:1 /bin/busybox sleep 60");
            try {
                String file = sh("docker inspect -f '{{.HostnamePath}}' " + other);
                JsonObject answer = ask("odd", "-v " + file + ":/etc/hostname", "");
                assertThat(answer.getString("entity")).isNotEqualTo("container_id://" + other);
                assertThat(answer.getJsonArray("tags")).contains("service:svc-odd");
            } finally {
                sh("docker rm -f " + other);
            }
            assertThat(new JsonObject(sh("curl -s --unix-socket " + run + "/tagger.sock http://localhost/v1/self"))
                            .getString("entity"))
                    .as("a caller outside of containers")
                    .matches("(process|container_id)://.*");
        }
    }

    @Test
    void agentInAContainer_withThePidsOfTheMachine() throws Exception {
        startAgent("--pid=host");

        report("overlay host-pid", "peer pid", "--cgroupns=private", "");
    }

    @Test
    void agentInAContainer_withTheCgroupsOfTheMachine() throws Exception {
        startAgent("-v /sys/fs/cgroup:/host/sys/fs/cgroup:ro -e TAGGER_IPC_ORIGIN_CGROUPS=/host/sys/fs/cgroup");

        report("overlay cgroup-mount", "cgroup inode", "--cgroupns=private", INODE);
    }

    @Test
    void agentInAContainer_withPidsOfItsOwn_saysWhatIsMissing() throws Exception {
        startAgent("");
        String answer = sh("docker run --rm --network none -v " + run + ":/run/tagger acme/self:1 /bin/busybox sh -c \""
                + ASK + " " + SELF + "\"");

        assertThat(answer).contains("unknown_origin", "hostPID: true", "Tagger-Local-Data");
        // In the machine's cgroup namespace, a program reads its container id from its own cgroup.
        report(
                "pids of its own, the caller's word",
                "as the caller says",
                "--cgroupns=host",
                "-H \"Tagger-Local-Data: ci-$(/bin/busybox grep -o -m 1 -E [0-9a-f]{64} /proc/self/cgroup)\"");
    }

    /** The agent as user 65532, without a capability, read-only, in a private cgroup namespace. */
    private void startAgent(String options) throws Exception {
        Path socket = docker.socket();
        String java = DockerShell.java();
        sh("chmod 0777 " + run + " " + directory);
        agent = sh("docker run -d --network none --cgroupns=private --read-only --cap-drop=ALL --user 65532:"
                + Files.getAttribute(socket, "unix:gid") + " --tmpfs /tmp:exec " + options
                + docker.programs(java)
                + " -v " + Distribution.BUILT + ":/opt/tagger:ro -v " + run + ":/run/tagger"
                + " -v " + socket + ":/run/docker.sock"
                + " -e JAVA_HOME=" + java + " -e TAGGER_ARCHIVE=off -e DOCKER_HOST=unix:///run/docker.sock"
                + " acme/self:1 /opt/tagger/bin/tagger run --socket /run/tagger/tagger.sock");
        Curl curl = new Curl(run.resolve("tagger.sock"));
        try {
            await().atMost(Duration.ofSeconds(120))
                    .pollInterval(Duration.ofMillis(200))
                    .failFast("the agent has ended", () -> !sh("docker inspect -f '{{.State.Running}}' " + agent)
                            .equals("true"))
                    .until(() -> !curl.get("/healthz").isEmpty());
            await().atMost(Duration.ofSeconds(120))
                    .untilAsserted(() -> assertThat(curl.collectors()).containsPattern("(?m)^docker stream running "));
        } catch (ConditionTimeoutException | TerminalFailureException e) {
            throw new AssertionError(sh("docker logs " + agent + " 2>&1"), e);
        }
    }

    /** Starts containers that ask for themselves, and prints the times. */
    private void report(String place, String how, String options, String header) throws Exception {
        double[] seconds = new double[CONTAINERS];
        for (int i = 0; i < CONTAINERS; i++) {
            JsonObject answer = ask(Integer.toString(i), options, header);
            assertThat(answer.getJsonArray("tags")).as("%s: %s", place, answer).contains("service:svc-" + i);
            assertThat(answer.getBoolean("complete")).isTrue();
            assertThat(answer.getString("how")).isEqualTo(how);
            seconds[i] = answer.getDouble("seconds");
        }
        Arrays.sort(seconds);
        System.out.printf(
                Locale.ROOT,
                "%-34s %d of %d containers right and complete, p50 %.0f ms, max %.0f ms%n",
                place,
                CONTAINERS,
                CONTAINERS,
                seconds[CONTAINERS / 2] * 1e3,
                seconds[CONTAINERS - 1] * 1e3);
    }

    private JsonObject ask(String number, String options, String header) throws Exception {
        String out = sh("docker run --rm --network none " + options + " -l com.datadoghq.tags.service=svc-" + number
                + " -v " + run
                + ":/run/tagger acme/self:1 /bin/busybox sh -c '"
                + (ASK + " " + header + " " + SELF).replace("'", "'\\''")
                + "'");
        int end = out.lastIndexOf(' ');
        return new JsonObject(out.substring(0, end)).put("seconds", Double.parseDouble(out.substring(end + 1)));
    }

    private String sh(String command) throws IOException, InterruptedException {
        return docker.run(command);
    }
}
