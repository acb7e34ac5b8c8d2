package io.tagger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.ipc.server.IpcServer;
import io.tagger.ipc.server.IpcSettings;
import io.tagger.ipc.server.TcpSettings;
import io.tagger.testkit.FakeTagger;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The TCP port, with TLS certificates from openssl and the token; the callers are the client and curl. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TcpTest {
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path directory;

    private final FakeTagger tagger = new FakeTagger();
    private final List<AutoCloseable> open = new ArrayList<>();
    private Path token;

    @BeforeEach
    void prepare() throws Exception {
        tagger.set(
                TagInfo.builder("test", EntityId.container("c1")).low("a", "b").build());
        token = secret("token", TOKEN);
        certificate("first", 30);
    }

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void callerWithTheToken_isAnswered_withoutItNobodyIs() throws Exception {
        IpcServer server = serve(tls("first"), Optional.of(token), false);
        ClientTagger client = client(server, Optional.of(directory.resolve("first.pem")), Optional.of(token));
        await().untilAsserted(() -> assertThat(client.cached(EntityId.container("c1"), Cardinality.LOW))
                .containsExactly("a:b"));

        String url = "https://localhost:" + server.port() + "/v1/tags?entity=container_id://c1";
        String authority = directory.resolve("first.pem").toString();
        assertThat(run("curl", "-s", "--cacert", authority, "-H", "Authorization: Bearer " + TOKEN, url))
                .contains("\"a:b\"");
        assertThat(run("curl", "-s", "--cacert", authority, "-w", "%{http_code}", url))
                .contains("unauthenticated", "401")
                .doesNotContain("a:b");
        assertThat(run("curl", "-s", "--cacert", authority, "-H", "Authorization: Bearer " + TOKEN + "x", url))
                .contains("unauthenticated");
        ClientTagger stranger = client(
                server, Optional.of(directory.resolve("first.pem")), Optional.of(secret("wrong", "x".repeat(32))));
        await().untilAsserted(() -> assertThat(stranger.status().issues())
                .singleElement()
                .satisfies(issue -> assertThat(issue.message()).contains("refuses the token")));
        assertThat(stranger.tag("container_id://c1", Cardinality.LOW)).isEmpty();
    }

    @Test
    void tokenAndCertificate_thatAreChanged_countWithoutARestart() throws Exception {
        certificate("shown", 30);
        IpcServer server = serve(tls("shown"), Optional.of(token), false);
        String next = "f".repeat(32);
        certificate("second", 30);
        Files.copy(
                directory.resolve("second.key"), directory.resolve("shown.key"), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(
                directory.resolve("second.pem"), directory.resolve("shown.pem"), StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(token, next);
        String url = "https://localhost:" + server.port() + "/healthz";

        await().untilAsserted(() -> assertThat(run(
                        "curl",
                        "-s",
                        "--cacert",
                        directory.resolve("second.pem").toString(),
                        "-H",
                        "Authorization: Bearer " + next,
                        url))
                .contains("ok"));
        assertThat(run("curl", "-s", "-k", "-H", "Authorization: Bearer " + TOKEN, url))
                .contains("unauthenticated");
    }

    @Test
    void certificateThatHasExpired_isRefusedByTheClient_whichSaysSo() throws Exception {
        expiredCertificate("old");
        IpcServer server = serve(tls("old"), Optional.of(token), false);
        ClientTagger client = client(server, Optional.of(directory.resolve("ca.pem")), Optional.of(token));

        await().untilAsserted(() -> assertThat(client.status().issues())
                .singleElement()
                .satisfies(issue -> assertThat(issue.message()).containsIgnoringCase("certificate")));
        assertThat(client.tag("container_id://c1", Cardinality.LOW)).isEmpty();
    }

    @Test
    void withoutCertificateOrToken_isRefused_unlessItIsLoopbackAndMeantSo() throws Exception {
        for (Optional<TcpSettings.Tls> tls : List.of(Optional.<TcpSettings.Tls>empty(), tls("first"))) {
            for (boolean meant : new boolean[] {true, false}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> new TcpSettings("0.0.0.0", 0, tls, Optional.empty(), meant))
                        .withMessageContaining(tls.isEmpty() ? "certificate and key" : "token-file");
            }
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TcpSettings("127.0.0.1", 0, Optional.empty(), Optional.of(token), false))
                .withMessageContaining("insecure-loopback");
        IpcServer server = serve(Optional.empty(), Optional.empty(), true);
        assertThat(run("curl", "-s", "http://localhost:" + server.port() + "/v1/tags?entity=container_id://c1"))
                .contains("a:b");
        ClientTagger client = opened(ClientTagger.connect(ClientSettings.of(
                new Endpoint.Tcp("localhost", server.port(), false, Optional.empty(), Optional.empty()))));
        await().until(client::synced);
    }

    @Test
    void filesThatAreNotFit_areNamed() throws Exception {
        Path others = secret("others", TOKEN);
        Files.setPosixFilePermissions(others, PosixFilePermissions.fromString("rw-r-----"));
        assertThatIllegalStateException()
                .isThrownBy(() -> serve(tls("first"), Optional.of(others), false))
                .withMessageContaining("chmod 0600");
        Path brief = secret("brief", "secret");
        assertThatIllegalStateException()
                .isThrownBy(() -> serve(tls("first"), Optional.of(brief), false))
                .withMessageContaining("16 characters");
        assertThatIllegalStateException()
                .isThrownBy(() -> serve(tls("missing"), Optional.of(token), false))
                .withMessageContaining("missing.pem");
        assertThat(directory.resolve("tagger.sock"))
                .as("left by a server that did not start")
                .doesNotExist();
    }

    private IpcServer serve(Optional<TcpSettings.Tls> tls, Optional<Path> secret, boolean insecure) {
        return opened(IpcServer.start(
                tagger,
                new IpcSettings(
                        directory.resolve("tagger.sock"),
                        "0660",
                        IpcSettings.Limits.defaults(),
                        Optional.of(new TcpSettings("127.0.0.1", 0, tls, secret, insecure))),
                statistics -> ""));
    }

    private ClientTagger client(IpcServer server, Optional<Path> authority, Optional<Path> secret) {
        return opened(ClientTagger.connect(
                ClientSettings.of(new Endpoint.Tcp("localhost", server.port(), true, authority, secret))));
    }

    private Optional<TcpSettings.Tls> tls(String name) {
        return Optional.of(new TcpSettings.Tls(directory.resolve(name + ".pem"), directory.resolve(name + ".key")));
    }

    private Path secret(String name, String text) throws IOException {
        Path file = Files.writeString(directory.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private void certificate(String name, int days) throws Exception {
        String made = run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost",
                "-days",
                String.valueOf(days),
                "-keyout",
                directory.resolve(name + ".key").toString(),
                "-out",
                directory.resolve(name + ".pem").toString());
        assertThat(directory.resolve(name + ".pem")).as(made).exists();
    }

    /** Signed by a valid authority. openssl makes no expired certificate without a configuration file; keytool does. */
    private void expiredCertificate(String name) throws Exception {
        Path request = directory.resolve(name + ".csr");
        keytool("ca", "-genkeypair", "-keyalg", "RSA", "-dname", "CN=authority", "-ext", "bc:c");
        keytool(
                "ca",
                "-exportcert",
                "-rfc",
                "-file",
                directory.resolve("ca.pem").toString());
        keytool(name, "-genkeypair", "-keyalg", "RSA", "-dname", "CN=localhost");
        keytool(name, "-certreq", "-file", request.toString());
        keytool(
                "ca",
                "-gencert",
                "-rfc",
                "-infile",
                request.toString(),
                "-outfile",
                directory.resolve(name + ".pem").toString(),
                "-ext",
                "SAN=dns:localhost",
                "-startdate",
                "-3d",
                "-validity",
                "1");
        String made = run(
                "openssl",
                "pkcs12",
                "-in",
                directory.resolve(name + ".p12").toString(),
                "-passin",
                "pass:secret",
                "-nodes",
                "-nocerts",
                "-out",
                directory.resolve(name + ".key").toString());
        assertThat(directory.resolve(name + ".key")).as(made).exists();
    }

    private void keytool(String store, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                arguments[0],
                "-keystore",
                directory.resolve(store + ".p12").toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                "secret"));
        command.addAll(List.of(arguments).subList(1, arguments.length));
        run(command.toArray(String[]::new));
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out;
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        open.add(closeable);
        return closeable;
    }
}
