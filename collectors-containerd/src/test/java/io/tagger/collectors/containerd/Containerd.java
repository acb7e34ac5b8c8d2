package io.tagger.collectors.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real containerd for one test class, with all files below one folder; needs root, containerd, runc and busybox. */
@SuppressWarnings("try") // close waits for the end of a process
final class Containerd implements AutoCloseable {
    static final String IMAGE = "docker.io/acme/tiny:1.0";

    private final Path folder;
    private String imageId = "";
    private Process process;

    Containerd(Path folder) throws Exception {
        this.folder = folder;
        Files.writeString(folder.resolve("config.toml"), """
                version = 2
                disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.aufs",
                  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
                [plugins."io.containerd.internal.v1.opt"]
                path = "%s/opt"
                """.formatted(folder));
        start();
    }

    Path socket() {
        return folder.resolve("c.sock");
    }

    void start() throws IOException {
        Files.deleteIfExists(socket()); // a killed containerd leaves its socket
        process = new ProcessBuilder(
                        "containerd",
                        "--config",
                        folder.resolve("config.toml").toString(),
                        "--root",
                        folder.resolve("root").toString(),
                        "--state",
                        folder.resolve("state").toString(),
                        "--address",
                        socket().toString())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            assertThat(process.isAlive())
                    .as(Files.readString(folder.resolve("log")))
                    .isTrue();
            return Files.exists(socket())
                    && new ProcessBuilder("ctr", "--address", socket().toString(), "version")
                                    .redirectErrorStream(true)
                                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                    .start()
                                    .waitFor()
                            == 0;
        });
    }

    /** Ends containerd in an orderly way, or at once. */
    void stop(boolean isOrderly) throws InterruptedException {
        if (isOrderly) {
            process.destroy();
        } else {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    /** SIGSTOP or SIGCONT. */
    void signal(String name) throws Exception {
        run("kill", "-" + name, Long.toString(process.pid()));
    }

    /** Makes an image with a static busybox, and imports it into a namespace. */
    void importImage(String namespace) throws Exception {
        Path image = Files.createDirectories(folder.resolve("image"));
        Path archive = folder.resolve("image.tar");
        if (!Files.exists(archive)) {
            Path layer = image.resolve("layer.tar");
            run("tar", "-C", "/", "--owner=0", "--group=0", "--mtime=@0", "-cf", layer.toString(), "bin/busybox");
            String configuration =
                    """
                    {"architecture":"%s","os":"linux","config":{"Env":["PATH=/bin","FROM_IMAGE=yes"],\
                    "Labels":{"com.datadoghq.tags.service":"tiny"},"Cmd":["/bin/busybox","sleep","3600"]},\
                    "rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}""".formatted(System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64", sha256(layer));
            Files.writeString(image.resolve("config.json"), configuration);
            Files.writeString(
                    image.resolve("manifest.json"),
                    "[{\"Config\":\"config.json\",\"RepoTags\":[\"" + IMAGE + "\"],\"Layers\":[\"layer.tar\"]}]");
            run("tar", "-C", image.toString(), "-cf", archive.toString(), "manifest.json", "config.json", "layer.tar");
            imageId = "sha256:" + sha256(image.resolve("config.json"));
        }
        ctr("-n", namespace, "image", "import", "--snapshotter", "native", archive.toString());
    }

    /** The digest of the image's configuration. */
    String imageId() {
        return imageId;
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    /** Starts a container. runc keeps its state below the folder too: what another test has left behind has the same ids. */
    void container(String namespace, String id, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("-n", namespace, "run", "-d", "--snapshotter", "native"));
        command.addAll(List.of("--runc-root", folder.resolve("runc").toString()));
        command.addAll(List.of(options));
        command.addAll(List.of(IMAGE, id));
        ctr(command.toArray(String[]::new));
    }

    String ctr(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("ctr", "--address", socket().toString()));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as(String.join(" ", command) + ": " + output)
                .isZero();
        return output;
    }

    @Override
    public void close() throws Exception {
        if (process.isAlive()) {
            for (String namespace : ctr("namespaces", "list", "-q").split("\\s+")) {
                for (String task : ctr("-n", namespace, "task", "list", "-q").split("\\s+")) {
                    if (!task.isBlank()) {
                        ctr("-n", namespace, "task", "kill", "-s", "KILL", task);
                        ctr("-n", namespace, "task", "delete", "-f", task);
                    }
                }
            }
            stop(true);
        }
    }
}
