package io.tagger.collectors.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A cluster of real parts: etcd, the API server, and hollow kubelets (kubemark: the kubelet's code over a runtime without
 * containers). There are no controllers; tests make the objects that controllers would make. The programs stand in the
 * folder of the environment's TESTS_KUBERNETES_BIN, made by {@code .ci/kubernetes/build}; etcd is Debian's.
 */
@SuppressWarnings("try") // close waits for the ends of processes
final class KubernetesCluster implements AutoCloseable {
    private static final Pattern ROOT = Pattern.compile("Using (/\\S+) as root dir for hollow-kubelet");
    private static final String ADMIN = "admin-token";

    private final Path folder;
    private final int etcdPort = freePort();
    private final int port = freePort();
    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, Process> processes = new HashMap<>();
    private final List<String> flags = new ArrayList<>();
    private final List<String> kubelets = new ArrayList<>();

    /**
     * Starts etcd and the API server.
     *
     * @param folder an empty folder
     */
    KubernetesCluster(Path folder) throws Exception {
        this.folder = folder;
        Files.writeString(folder.resolve("tokens.csv"), ADMIN + ",admin,admin,system:masters\n");
        run("openssl", "genrsa", "-out", folder.resolve("key").toString(), "2048");
        start(
                "etcd",
                "etcd",
                "--data-dir",
                folder.resolve("etcd").toString(),
                "--listen-client-urls",
                etcd(),
                "--advertise-client-urls",
                etcd(),
                "--listen-peer-urls",
                "http://127.0.0.1:" + freePort(),
                "--unsafe-no-fsync");
        startApiServer();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private String etcd() {
        return "http://127.0.0.1:" + etcdPort;
    }

    private static String program(String name) {
        String bin = System.getenv("TESTS_KUBERNETES_BIN");
        Path program = Path.of(bin == null ? "" : bin, name);
        assertThat(program)
                .as("TESTS_KUBERNETES_BIN must be a folder with " + name + ", made by .ci/kubernetes/build, which wants"
                        + " Go 1.26 or later")
                .isExecutable();
        return program.toString();
    }

    private void start(String name, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve(name + ".log").toFile()));
        builder.environment().put("ETCD_UNSUPPORTED_ARCH", System.getProperty("os.arch"));
        processes.put(name, builder.start());
    }

    /** Starts the API server with these flags from now on, and waits until it is ready. */
    void startApiServer(String... more) throws Exception {
        flags.clear();
        flags.addAll(List.of(more));
        List<String> command = new ArrayList<>(List.of(
                program("kube-apiserver"),
                "--etcd-servers=" + etcd(),
                "--bind-address=127.0.0.1",
                "--secure-port=" + port,
                "--cert-dir=" + folder.resolve("certificates"),
                "--service-account-issuer=https://tagger.test",
                "--service-account-signing-key-file=" + folder.resolve("key"),
                "--service-account-key-file=" + folder.resolve("key"),
                "--authorization-mode=RBAC",
                "--token-auth-file=" + folder.resolve("tokens.csv"),
                "--service-cluster-ip-range=10.0.0.0/24",
                "--disable-admission-plugins=ServiceAccount")); // the accounts are a controller's
        command.addAll(flags);
        start("kube-apiserver", command.toArray(String[]::new));
        Awaitility.await().atMost(java.time.Duration.ofMinutes(1)).until(() -> curl("GET", "/readyz", ADMIN, null)
                .equals("ok"));
    }

    /** Kills the API server, which takes a minute for an orderly end. */
    void killApiServer() throws InterruptedException {
        kill("kube-apiserver");
    }

    /** Kills a part: the API server, or a kubelet by the name of its node. */
    void kill(String name) throws InterruptedException {
        Process process = processes.remove(name);
        if (process != null) {
            process.destroyForcibly();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** A hollow kubelet. */
    record HollowNode(String name, int readOnlyPort, Path podsApi) {}

    /** Starts a hollow kubelet with a node of this name. */
    HollowNode startKubelet(String name) throws Exception {
        int readOnly = freePort();
        kubelets.add(name);
        start(
                name,
                program("kubemark"),
                "--morph=kubelet",
                "--name=" + name,
                "--kubeconfig=" + kubeconfig(ADMIN),
                "--kubelet-port=" + freePort(),
                "--kubelet-read-only-port=" + readOnly,
                "--use-host-image-service=false",
                "--kube-api-qps=200",
                "--kube-api-burst=400",
                "--max-pods=600");
        Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(30))
                .until(() -> Files.exists(podsApi(name))
                        && get("/api/v1/nodes/" + name).has("status"));
        return new HollowNode(name, readOnly, podsApi(name));
    }

    /** The socket in the kubelet's root folder, which only its log names. */
    private Path podsApi(String name) throws IOException {
        Matcher root = ROOT.matcher(Files.readString(folder.resolve(name + ".log")));
        return root.find() ? Path.of(root.group(1), "pods-api", "pods-api.sock") : folder.resolve("none");
    }

    String url() {
        return "https://127.0.0.1:" + port;
    }

    /** The certificate of the API server. */
    Path authority() {
        return folder.resolve("certificates/apiserver.crt");
    }

    /** Writes a kubeconfig with a token. */
    Path kubeconfig(String token) throws IOException {
        return Files.writeString(
                folder.resolve("kubeconfig-" + Math.abs(token.hashCode())), """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "%s", certificate-authority: "%s"}}]
                contexts: [{name: c, context: {cluster: c, user: u}}]
                users: [{name: u, user: {token: "%s"}}]
                current-context: c
                """.formatted(url(), authority(), token));
    }

    Path adminKubeconfig() throws IOException {
        return kubeconfig(ADMIN);
    }

    /** A token of the service account tagger/tagger. */
    String token() throws Exception {
        return send(
                        "POST",
                        "/api/v1/namespaces/tagger/serviceaccounts/tagger/token",
                        "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\",\"spec\":{}}")
                .path("status")
                .path("token")
                .asText();
    }

    JsonNode get(String path) throws Exception {
        return json.readTree(curl("GET", path, ADMIN, null));
    }

    JsonNode post(String path, String object) throws Exception {
        return checked(send("POST", path, Pods.json(object)), path);
    }

    JsonNode delete(String path) throws Exception {
        return checked(send("DELETE", path, "{\"gracePeriodSeconds\":0}"), path);
    }

    JsonNode patch(String path, String change) throws Exception {
        return checked(send("PATCH", path, Pods.json(change)), path);
    }

    private static JsonNode checked(JsonNode answer, String path) {
        assertThat(answer.path("kind").asText().equals("Status")
                        && !answer.path("status").asText().equals("Success"))
                .as(path + ": " + answer)
                .isFalse();
        return answer;
    }

    private JsonNode send(String method, String path, String body) throws Exception {
        return json.readTree(curl(method, path, ADMIN, body));
    }

    private String curl(String method, String path, String token, String body) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "-s",
                "--cacert",
                authority().toString(),
                "-X",
                method,
                "-H",
                "Authorization: Bearer " + token,
                "-H",
                "Content-Type: application/" + (method.equals("PATCH") ? "merge-patch+json" : "json"),
                url() + path));
        if (body != null) {
            command.addAll(List.of("--data-binary", body));
        }
        Process curl = new ProcessBuilder(command).start();
        String output = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        curl.waitFor();
        return output;
    }

    /** Makes etcd forget all versions before the present version. */
    void compact() throws Exception {
        JsonNode status = json.readTree(run("curl", "-s", "-X", "POST", etcd() + "/v3/maintenance/status", "-d", "{}"));
        String revision = status.path("header").path("revision").asText();
        run("curl", "-s", "-X", "POST", etcd() + "/v3/kv/compaction", "-d", "{\"revision\":" + revision + "}");
    }

    /** Runs kubectl as the administrator. */
    String kubectl(String... arguments) throws Exception {
        return run(Stream.concat(
                        Stream.of("kubectl", "--kubeconfig", kubeconfig(ADMIN).toString()), Stream.of(arguments))
                .toArray(String[]::new));
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
        for (String name : List.copyOf(processes.keySet())) {
            kill(name);
        }
        for (String name : kubelets) {
            Matcher root = ROOT.matcher(Files.readString(folder.resolve(name + ".log")));
            if (root.find()) {
                run("rm", "-rf", root.group(1));
            }
        }
    }
}
