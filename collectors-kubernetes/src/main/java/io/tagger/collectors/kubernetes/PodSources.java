package io.tagger.collectors.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.collectors.kubernetes.ApiClient.Remedies;
import io.tagger.collectors.kubernetes.KubernetesSettings.ApiServer;
import io.tagger.collectors.kubernetes.KubernetesSettings.Choice;
import io.tagger.collectors.kubernetes.KubernetesSettings.Credentials;
import io.tagger.collectors.kubernetes.KubernetesSettings.Kubelet;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Finds the candidate servers for the pods, from the settings and the environment, without a request. */
final class PodSources {
    private static final int KUBELET_PORT = 10_250;

    private final KubernetesSettings settings;
    private final Map<String, String> environment;
    private final Pace pace;
    private final Executor executor;
    private final String nodeName;
    private final @Nullable ApiClient apiServer;

    /**
     * Reads the environment.
     *
     * @param executor runs the callbacks of the sources
     */
    PodSources(
            KubernetesSettings settings,
            Map<String, String> environment,
            String hostName,
            Pace pace,
            Executor executor) {
        this.pace = pace;
        this.executor = executor;
        this.settings = settings;
        this.environment = environment;
        this.nodeName = !settings.pulling().nodeName().isEmpty()
                ? settings.pulling().nodeName()
                : first(environment, "NODE_NAME", hostName);
        this.apiServer = findApiServer();
    }

    /** A variable's value; an empty value counts as absent. */
    private static String first(Map<String, String> environment, String variable, String otherwise) {
        String value = environment.getOrDefault(variable, "");
        return value.isEmpty() ? otherwise : value;
    }

    /** Whether the node's name is only a guess, this machine's name. */
    private boolean isNodeGuessed() {
        return settings.pulling().nodeName().isEmpty()
                && environment.getOrDefault("NODE_NAME", "").isEmpty();
    }

    /** The name of the node in Kubernetes. */
    String nodeName() {
        return nodeName;
    }

    /** The API server of the cluster; null without an address. */
    @Nullable
    ApiClient apiServer() {
        return apiServer;
    }

    /**
     * The sources allowed by the settings, in the order of trial.
     *
     * @throws CollectorUnavailableException if there is no sign of Kubernetes on this machine
     */
    List<PodSource> candidates() throws CollectorUnavailableException {
        List<PodSource> candidates = new ArrayList<>();
        Choice choice = settings.pulling().source();
        KubernetesSettings.PodsApiSocket podsApi = settings.kubelet().podsApi();
        if (choice == Choice.PODS_API || choice == Choice.AUTO && PodsApi.isLikely(podsApi.path())) {
            candidates.add(new PodsApi(podsApi, pace, executor));
        }
        if (choice == Choice.KUBELET || choice == Choice.AUTO && isKubeletLikely()) {
            candidates.add(kubelet());
        }
        if ((choice == Choice.APISERVER || choice == Choice.AUTO) && apiServer != null) {
            candidates.add(new ApiServerPods(
                    apiServer,
                    new ApiServerPods.Node(nodeName, isNodeGuessed()),
                    settings.apiServer().pageSize(),
                    pace));
        }
        if (candidates.isEmpty()) {
            throw CollectorUnavailableException.absent("there is no Kubernetes here: no "
                    + podsApi.path() + ", no "
                    + settings.kubelet().credentials().tokenPath()
                    + ", neither kubelet.url nor apiserver.kubeconfig is set, and neither KUBECONFIG nor"
                    + " KUBERNETES_SERVICE_HOST is in the environment");
        }
        return candidates;
    }

    private boolean isKubeletLikely() {
        Kubelet kubelet = settings.kubelet();
        return !kubelet.url().isEmpty()
                || kubelet.readOnlyPort() > 0
                || !kubelet.credentials().certificatePath().isEmpty()
                || Files.exists(Path.of(kubelet.credentials().tokenPath()));
    }

    private PodSource kubelet() {
        Kubelet kubelet = settings.kubelet();
        String authority = bracketed(first(environment, "NODE_IP", nodeName));
        if (kubelet.readOnlyPort() > 0) {
            String url = "http://" + authority + ":" + kubelet.readOnlyPort();
            return new KubeletPods(new ApiClient(
                    new CredentialFiles(), () -> common().withMasterUrl(url).build(), url, Remedies.NONE));
        }
        String url = kubelet.url().isEmpty() ? "https://" + authority + ":" + KUBELET_PORT : kubelet.url();
        Remedies remedies = new Remedies(
                "; the kubelet's certificate may be self-signed, or have another name: set kubelet.ca-path to its authority,"
                        + " kubelet.server-name to its name, or, where the network to this node is trusted,"
                        + " kubelet.tls-verify = false",
                "; the kubelet has no certificate yet: its request waits for an approval ('kubectl get csr', then 'kubectl"
                        + " certificate approve NAME'; with serverTLSBootstrap an approver must run in the cluster)",
                "; a kubelet also answers 401 while it can't reach the API server, which checks the token",
                kubelet.tlsVerify() ? kubelet.serverName() : "");
        return new KubeletPods(server(url, kubelet.credentials(), kubelet.tlsVerify(), remedies));
    }

    private @Nullable ApiClient findApiServer() {
        ApiServer from = settings.apiServer();
        String kubeconfig = !from.kubeconfig().isEmpty() ? from.kubeconfig() : first(environment, "KUBECONFIG", "");
        if (!kubeconfig.isEmpty()) {
            String[] files = kubeconfig.split(File.pathSeparator);
            return new ApiClient(
                    new CredentialFiles(files),
                    () -> limited(new ConfigBuilder(merged(files))).build(),
                    "the cluster of " + kubeconfig,
                    new Remedies("; see certificate-authority in " + kubeconfig, "", "", ""));
        } else if (environment.containsKey("KUBERNETES_SERVICE_HOST")) {
            String url = "https://" + bracketed(environment.get("KUBERNETES_SERVICE_HOST")) + ":"
                    + environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
            return server(url, from.credentials(), true, new Remedies("; see ca-path", "", "", ""));
        }
        return null;
    }

    /** The files as kubectl merges them: the first file with a value wins, and a missing file is left out. */
    private static Config merged(String[] files) {
        List<File> present = Arrays.stream(files)
                .filter(file -> !file.isEmpty())
                .map(File::new)
                .filter(File::exists)
                .toList();
        if (present.isEmpty()) {
            throw new IllegalArgumentException("there is no file " + String.join(", nor ", files));
        } else if (present.size() == 1) {
            return Config.fromKubeconfig(present.get(0));
        }
        Config config = Config.empty();
        KubeConfigUtils.merge(
                config,
                null,
                present.stream()
                        .map(KubeConfigUtils::parseConfig)
                        .toArray(io.fabric8.kubernetes.api.model.Config[]::new));
        return config;
    }

    /** A host in the form of a URL: an IPv6 address in brackets. */
    private static String bracketed(String host) {
        return host.contains(":") ? "[" + host + "]" : host;
    }

    private static ApiClient server(String url, Credentials from, boolean verify, Remedies remedies) {
        return new ApiClient(
                new CredentialFiles(
                        from.certificatePath().isEmpty() ? from.tokenPath() : "",
                        from.caPath(),
                        from.certificatePath(),
                        from.keyPath()),
                () -> {
                    ConfigBuilder config = common().withMasterUrl(url).withTrustCerts(!verify);
                    if (verify && Files.exists(Path.of(from.caPath()))) {
                        config.withCaCertFile(from.caPath());
                    }
                    if (!from.certificatePath().isEmpty()) {
                        config.withClientCertFile(from.certificatePath())
                                .withClientKeyFile(from.keyPath())
                                .withClientKeyAlgo(keyAlgorithm(from.certificatePath()));
                    } else if (Files.exists(Path.of(from.tokenPath()))) {
                        config.withOauthToken(read(from.tokenPath()));
                    }
                    return config.build();
                },
                url,
                remedies);
    }

    private static ConfigBuilder common() {
        return limited(new ConfigBuilder(Config.empty()));
    }

    /** We ask again soon by ourselves, and set the time limit with each request. */
    private static ConfigBuilder limited(ConfigBuilder config) {
        return config.withRequestRetryBackoffLimit(0).withRequestTimeout(0);
    }

    /** The kind of the key, from the certificate of the key. */
    private static String keyAlgorithm(String certificatePath) {
        try (InputStream certificate = Files.newInputStream(Path.of(certificatePath))) {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificate(certificate)
                    .getPublicKey()
                    .getAlgorithm();
        } catch (IOException | CertificateException e) {
            throw new IllegalArgumentException(
                    "the certificate in " + certificatePath + " can't be read: " + e.getMessage(), e);
        }
    }

    private static String read(String path) {
        try {
            return Files.readString(Path.of(path)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("the token in " + path + " can't be read: " + e.getMessage(), e);
        }
    }
}
