package io.tagger.collectors.docker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A dockerd for one test, which may kill the daemon. All files are below one folder; needs root. */
final class Dockerd {
    private final Path folder;
    private Process process;

    Dockerd(Path folder) {
        assumeTrue(
                LiveDocker.required() || available(),
                "SKIPPED: no dockerd that this user may start; .ci/run has one, as root");
        this.folder = folder;
    }

    private static boolean available() {
        return Files.isExecutable(Path.of("/usr/sbin/dockerd")) && "root".equals(System.getProperty("user.name"));
    }

    String host() {
        return "unix://" + folder.resolve("docker.sock");
    }

    void start() throws IOException {
        Files.deleteIfExists(folder.resolve("docker.pid"));
        // The containerd of a killed dockerd dies too; without a reaping parent its pid looks alive, and dockerd would
        // wait for the process.
        Files.deleteIfExists(folder.resolve("exec/containerd/containerd.pid"));
        Files.deleteIfExists(folder.resolve("exec/containerd/containerd.sock"));
        process = new ProcessBuilder(
                        "dockerd",
                        "--data-root",
                        folder.resolve("data").toString(),
                        "--exec-root",
                        folder.resolve("exec").toString(),
                        "--pidfile",
                        folder.resolve("docker.pid").toString(),
                        "--host",
                        host(),
                        "--iptables=false",
                        "--bridge=none")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("dockerd.log").toFile()))
                .start();
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException(
                        "dockerd has ended: " + Files.readString(folder.resolve("dockerd.log")));
            }
            return Files.exists(folder.resolve("docker.sock")) && answers();
        });
    }

    private boolean answers() throws IOException, InterruptedException {
        return new ProcessBuilder(List.of(
                                "curl",
                                "-sf",
                                "--unix-socket",
                                folder.resolve("docker.sock").toString(),
                                "http://docker/_ping"))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Ends the daemon and its containerd, by their pids. */
    void stop() throws IOException, InterruptedException {
        if (process != null) {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                kill();
            }
        }
        Path pid = folder.resolve("exec/containerd/containerd.pid");
        if (Files.exists(pid)) {
            ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).ifPresent(ProcessHandle::destroyForcibly);
        }
    }
}
