package io.tagger.datadog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The token and the certificate: found, or made in the format of the Datadog Agent. */
class SharedFilesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    void token_isMade_andFoundAgain() throws Exception {
        Path file = folder.resolve("auth_token");

        AuthToken.of(file, PATIENCE);
        String made = Files.readString(file);

        assertThat(made).matches("[0-9a-f]{64}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        AuthToken token = AuthToken.of(file, PATIENCE);
        assertThat(Files.readString(file)).isEqualTo(made);
        assertThat(token.isIn("Bearer " + made)).isTrue();
        assertThat(token.isIn("bearer " + made)).isTrue();
        assertThat(token.isIn("Bearer " + made.substring(1) + "0")).isFalse();
        assertThat(token.isIn(made)).isFalse();
        assertThat(token.isIn(null)).isFalse();
        assertThat(folder.toFile().list()).containsExactly("auth_token");
    }

    @Test
    void certificate_isMade_asACoreAgentMakesIt() throws Exception {
        Path file = folder.resolve("ipc_cert.pem");

        IpcCertificate.check(file, PATIENCE);

        String pem = Files.readString(file);
        assertThat(pem.lines().filter(line -> line.startsWith("-----")))
                .containsExactly(
                        "-----BEGIN CERTIFICATE-----",
                        "-----END CERTIFICATE-----",
                        "-----BEGIN EC PRIVATE KEY-----",
                        "-----END EC PRIVATE KEY-----");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String text = run("openssl", "x509", "-in", file.toString(), "-noout", "-text");
        assertThat(text)
                .containsPattern("Subject: O ?= ?\"?Datadog, Inc.\"?")
                .contains("Public-Key: (256 bit)")
                .contains("NIST CURVE: P-256")
                .contains("CA:TRUE")
                .contains("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1")
                .contains("TLS Web Server Authentication, TLS Web Client Authentication")
                .contains("Digital Signature, Certificate Sign, CRL Sign");
        assertThat(run("openssl", "ec", "-in", file.toString(), "-pubout", "-conv_form", "uncompressed"))
                .contains(run("openssl", "x509", "-in", file.toString(), "-noout", "-pubkey")
                        .strip());
        assertThat(run("openssl", "verify", "-CAfile", file.toString(), file.toString()))
                .contains("OK");
        IpcCertificate.check(file, PATIENCE);
        assertThat(Files.readString(file)).isEqualTo(pem);
        assertThat(folder.toFile().list()).containsExactly("ipc_cert.pem");
    }

    @Test
    void fileOfManyStarts_isMadeOnce() throws Exception {
        Path file = folder.resolve("auth_token");
        AtomicInteger makes = new AtomicInteger();
        Set<String> contents = ConcurrentHashMap.newKeySet();
        ExecutorService starts = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                tasks.add(() -> contents.add(
                        new SharedFile(file, PATIENCE).findOrMake(() -> "made " + makes.incrementAndGet())));
            }
            for (Future<Boolean> start : starts.invokeAll(tasks)) {
                start.get();
            }
        } finally {
            starts.shutdown();
        }

        assertThat(contents).containsExactly("made 1");
    }

    /** Holds flock(2) on a file, as a core agent does. */
    private Process flock(Path lock) throws Exception {
        Process holder = new ProcessBuilder("flock", lock.toString(), "sh", "-c", "echo held; exec sleep 3600").start();
        assertThat(holder.inputReader().readLine()).isEqualTo("held");
        return holder;
    }

    @Test
    void lockOfACoreAgent_isWaitedFor() throws Exception {
        Path file = folder.resolve("auth_token");
        Process core = flock(folder.resolve("auth_token.lock"));
        CompletableFuture<String> found = new CompletableFuture<>();
        Thread start = new Thread(() -> found.complete(new SharedFile(file, PATIENCE).findOrMake(() -> "ours")));
        try {
            start.start();
            await().until(() -> start.getState() == Thread.State.TIMED_WAITING);
            Files.writeString(folder.resolve("part"), "theirs");
            Files.move(folder.resolve("part"), file);

            assertThat(found.get(20, TimeUnit.SECONDS)).isEqualTo("theirs");
        } finally {
            core.destroyForcibly();
            core.descendants().forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void oldLockOfACoreAgent_isTakenOver_onlyWhenNobodyHoldsIt() throws Exception {
        Path file = folder.resolve("auth_token");
        Path lock = folder.resolve("auth_token.lock");
        Process core = flock(lock);
        try {
            Files.setLastModifiedTime(lock, FileTime.from(Instant.now().minusSeconds(3600)));
            assertThatThrownBy(() -> new SharedFile(file, Duration.ofMillis(200)).findOrMake(() -> "ours"))
                    .hasMessageContaining("auth_token.lock");
            assertThat(file).doesNotExist();
        } finally {
            core.descendants().forEach(ProcessHandle::destroyForcibly);
            core.destroyForcibly().waitFor();
        }

        await().untilAsserted(() -> assertThat(new SharedFile(file, Duration.ofMillis(200)).findOrMake(() -> "ours"))
                .isEqualTo("ours"));
        assertThat(lock).doesNotExist();
    }

    @Test
    void lockThatNobodyFrees_isNamed() throws Exception {
        Files.createFile(folder.resolve("auth_token.lock"));

        assertThatThrownBy(() -> AuthToken.of(folder.resolve("auth_token"), Duration.ofMillis(100)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("auth_token.lock");
    }

    @Test
    void lockOfATaggerThatWasKilled_isTakenOver() throws Exception {
        Path lock = Files.createDirectory(folder.resolve("auth_token.lock"));
        Files.setLastModifiedTime(lock, FileTime.from(Instant.now().minusSeconds(3600)));

        assertThat(new SharedFile(folder.resolve("auth_token"), PATIENCE).findOrMake(() -> "made"))
                .isEqualTo("made");
        assertThat(lock).doesNotExist();
    }

    @Test
    void failedMaker_leavesNothing() {
        Path file = folder.resolve("auth_token");

        assertThatThrownBy(() -> new SharedFile(file, PATIENCE).findOrMake(() -> {
                    throw new IOException("no entropy");
                }))
                .hasMessageContaining("no entropy");
        assertThat(folder.toFile().list()).isEmpty();
    }

    @Test
    void unfitFiles_areErrors_andStay() throws Exception {
        Path token = Files.writeString(folder.resolve("auth_token"), "short");
        Path certificate = Files.writeString(folder.resolve("ipc_cert.pem"), "no certificate");

        assertThatThrownBy(() -> AuthToken.of(token, PATIENCE)).hasMessageContaining("less than 32 characters");
        assertThatThrownBy(() -> IpcCertificate.check(certificate, PATIENCE)).hasMessageContaining("can't be read");
        assertThat(token).hasContent("short");
        assertThat(certificate).hasContent("no certificate");
        assertThatThrownBy(() -> AuthToken.of(folder.resolve("none/auth_token"), PATIENCE))
                .hasMessageContaining("there is no folder");
    }
}
