package io.tagger.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.agent.doctor.Finding.Severity;
import io.tagger.config.ConfigLayers;
import io.tagger.config.TaggerConfig;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The checks of the doctor, and the archive for a report. */
class DoctorTest {
    private static final Clock NOW = Clock.fixed(Instant.parse("2026-11-27T10:00:00Z"), ZoneOffset.UTC);

    @TempDir
    Path root;

    private void file(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void namespace(String name, String number) throws IOException {
        Path folder = Files.createDirectories(root.resolve("proc/self/ns"));
        Files.createSymbolicLink(folder.resolve(name), Path.of(name + ":[" + number + "]"));
    }

    private List<Finding> machine(Clock clock) {
        return new MachineCheck(new Machine(root), clock).check(Optional.empty());
    }

    private static Finding of(String subject, List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.subject().equals(subject))
                .findFirst()
                .orElseThrow();
    }

    // The machine.

    @Test
    void clock_ofThePast_isAProblem() {
        Finding finding = of("clock", machine(Clock.fixed(Instant.parse("1970-01-02T00:00:00Z"), ZoneOffset.UTC)));

        assertThat(finding.severity()).isEqualTo(Severity.PROBLEM);
        assertThat(finding.text()).contains("1970-01-02");
        assertThat(finding.remedy()).contains("timedatectl");
    }

    @Test
    void machineItself_seesTheProcesses() throws Exception {
        namespace("pid", "4026531836");
        namespace("cgroup", "4026531835");

        assertThat(of("callers", machine(NOW)).severity()).isEqualTo(Severity.OK);
    }

    @Test
    void container_withoutThePidsOfTheMachine_isToldTheLines() throws Exception {
        namespace("pid", "4026532200");
        namespace("cgroup", "4026532201");

        Finding finding = of("callers", machine(NOW));

        assertThat(finding.severity()).isEqualTo(Severity.NOTE);
        assertThat(finding.text()).contains("pid namespace", "cgroup namespace");
        assertThat(finding.remedy()).contains("hostPID: true", "tagger.ipc.origin.cgroups");
    }

    // The socket.

    private List<Finding> socket(Path socket) {
        return new SocketCheck(new Machine(root), socket).check();
    }

    @Test
    void absentSocket_namesTheCommandOfTheAgent() {
        assertThat(socket(root.resolve("none.sock"))).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.PROBLEM);
            assertThat(finding.remedy()).contains("tagger run");
        });
    }

    @Test
    void servedSocket_isOk_andALeftoverIsNot() throws Exception {
        Path path = root.resolve("agent.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            assertThat(socket(path)).extracting(Finding::severity).containsExactly(Severity.OK);
        }

        assertThat(socket(path)).singleElement().satisfies(finding -> assertThat(finding.text())
                .contains("left over from an agent that has ended"));
    }

    @Test
    void fileInPlaceOfASocket_isAProblem() throws Exception {
        Path path = root.resolve("file.sock");
        Files.writeString(path, "");

        assertThat(socket(path)).extracting(Finding::severity).containsOnly(Severity.PROBLEM);
    }

    // The remedies.

    @ParameterizedTest
    @CsvSource({
        "docker, no permission to use /none/docker.sock, usermod -aG docker joe",
        "kubernetes, 403 forbidden: pods, kubectl auth can-i",
        "docker, connection refused, systemctl start docker",
        "docker, there is no socket /x (tagger.collectors.docker.host), correct tagger.collectors.docker.host",
        "acme, it is broken, tagger.collectors.acme.enabled = false",
    })
    void fault_hasARemedy(String collector, String reason, String remedy) {
        assertThat(new Remedies("joe").of(collector, reason)).contains(remedy);
    }

    @Test
    void rightsOfASocket_areNamedAsTheyAre() throws Exception {
        Path socket = Files.writeString(root.resolve("docker.sock"), "");
        String owner = Files.getOwner(socket).getName();
        String group =
                Files.readAttributes(socket, PosixFileAttributes.class).group().getName();

        assertThat(new Remedies("joe").of("docker", "no permission to use " + socket + " (DOCKER_HOST)"))
                .startsWith(socket + " belongs to " + owner + ":" + group + ", and the agent runs as joe: ")
                .contains("usermod -aG " + group + " joe", "stat -c %g " + socket);
        assertThat(Remedies.of(socket)).isEqualTo(new Remedies(owner));
    }

    @Test
    void ruleWithASpaceAtItsEnd_isNamed() throws Exception {
        Path file = Files.writeString(
                root.resolve("tagger.conf"),
                "tagger.container.labels-as-tags { \"team \" = team, \"com.acme.*\" = \"%%label%%\" }");
        TaggerConfig config = ConfigLayers.empty().file(file).build();

        assertThat(RuleCheck.check(config)).singleElement().satisfies(finding -> {
            assertThat(finding.text()).contains("the name \"team \" has a space");
            assertThat(finding.remedy()).isEqualTo("write \"team\"");
        });
    }

    // The archive.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tagger.ipc.tcp.token = hunter2|tagger.ipc.tcp.token = ███",
                "Authorization: Bearer abc.def|Authorization: ███",
                "Authorization: Basic YTpi and more|Authorization: ███",
                "password = //a b, c ; d|password = ███",
                "a \"api-key\" : \"one \\\" two\", port 1|a \"api-key\" : ███, port 1",
                "{\"message\":\"got {\\\"password\\\":\\\"hunter2\\\"}\"}|{\"message\":\"got {\\\"password\\\":███",
                "a 'password': 'hunter2', 1|a 'password': ███, 1",
                "secret-profile = hunter2|secret-profile = ███",
                "GET https://user:hunter2@host/x|GET https://███@host/x",
                "docker says of container_id://a: low [pass:x] high [y:z]|docker says of container_id://a: ███",
                "COLOUR:red|COLOUR:███",
                "acme_A/B:red|acme_A/B:███",
                "secrets = [a, b]|secrets = ███",
                "{\"password\":\"hunter2\",\"port\":1}|{\"password\":███,\"port\":1}",
                "tagger.ipc.tcp.token-file = \"/etc/tagger/token\"|tagger.ipc.tcp.token-file = \"/etc/tagger/token\"",
                "low [team:core, colour:dark red]|low [team:core, colour:███",
                "ACME_COLOUR:red, green ACME:blue|ACME_COLOUR:███",
                "container_id://3f4a colour://x y|container_id://3f4a colour:███",
            })
    void report_hasNoSecret(String text, String clean) {
        assertThat(new Bundle(List.of("colour", "ACME_*")).clean(text)).isEqualTo(clean);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tagger.collectors.x.auth-token|two words|███",
                "tagger.collectors.x.\"my password\"|a|███",
                "tagger.collectors.x.\"my.password\"|a|███",
                "tagger.ipc.tcp.token-file|/etc/tagger/token|/etc/tagger/token",
                "tagger.collectors.x.\"my secret\".value|a|███",
            })
    void settingOfASecret_isBlack(String key, String value, String clean) {
        assertThat(new Bundle(List.of()).clean(key, value)).isEqualTo(clean);
    }

    @Test
    void longTexts_areCleaned_onASmallStack() throws Exception {
        AtomicReference<String> cleaned = new AtomicReference<>("");
        Thread thread = new Thread(
                null,
                () -> cleaned.set(new Bundle(List.of())
                        .clean("\"token\":\"" + "x".repeat(100_000) + "\"\n\"token\":\"" + "y\n".repeat(10_000)
                                + "z".repeat(50_000))),
                "small",
                256 * 1024);
        thread.start();
        thread.join();

        assertThat(cleaned.get())
                .startsWith("\"token\":███\n\"token\":███\ny\n")
                .doesNotContain("x");
    }

    @Test
    void command_thatHangs_hasNoOutput() {
        assertThat(Machine.run(Duration.ofMillis(100), "sh", "-c", "echo begun; exec sleep 3600"))
                .isEmpty();
        assertThat(Machine.run("echo", "one")).contains("one");
        assertThat(Machine.run("false")).isEmpty();
    }

    @Test
    void report_isReadableByItsUserAlone() throws Exception {
        Path file = root.resolve("report.zip");

        new Bundle(List.of()).add("log.txt", "secret: 1").write(file);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(new String(
                            zip.getInputStream(zip.getEntry("tagger/log.txt")).readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("secret: ███");
        }
    }

    @Test
    void machine_readsFiles_andForgivesTheirAbsence() throws Exception {
        file("etc/one", " text \n");

        assertThat(new Machine(root).read("/etc/one")).contains("text");
        assertThat(new Machine(root).read("/etc/two")).isEmpty();
        assertThat(Machine.run("sh", "-c", "echo yes")).contains("yes");
        assertThat(Machine.run("sh", "-c", "exit 3")).isEmpty();
        assertThat(Machine.run("/no/such/command")).isEmpty();
    }
}
