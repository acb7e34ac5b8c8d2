package io.tagger.collectors.kubernetes;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import io.tagger.collectors.common.ContainerExclusion;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.common.SettingProblems;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The block {@code tagger.collectors.kubernetes}, read and checked. */
record KubernetesSettings(
        Pulling pulling, Kubelet kubelet, ApiServer apiServer, WantedFacts facts, PodTags.Rules rules) {

    private static final String BLOCK = "tagger.collectors.kubernetes.";
    private static final int MAX_PAGE = 5_000;
    private static final int MAX_PORT = 65_535;

    /**
     * The settings of pulls.
     *
     * @param source the choice of the server
     * @param nodeName the name of this node; empty for the default
     * @param interval the time between two pulls
     * @param timeout the time within which an answer must begin
     */
    record Pulling(Choice source, String nodeName, Duration interval, Duration timeout) {}

    /** The choice of the server for the pods. */
    enum Choice {
        AUTO,
        PODS_API,
        KUBELET,
        APISERVER
    }

    /**
     * The Pods API of the kubelet.
     *
     * @param path the path of the socket
     * @param listInterval the time between two lists beside the events
     */
    record PodsApiSocket(Path path, Duration listInterval) {}

    /** The connection to the kubelet. An empty text stands for the default. */
    record Kubelet(
            PodsApiSocket podsApi,
            String url,
            int readOnlyPort,
            boolean tlsVerify,
            String serverName,
            Credentials credentials) {}

    /** The connection to the API server. */
    record ApiServer(String kubeconfig, int pageSize, Credentials credentials) {}

    /** The files of the client's credentials and of the server's authority; empty for none. */
    record Credentials(String tokenPath, String caPath, String certificatePath, String keyPath) {}

    /**
     * Reads the block.
     *
     * @throws IllegalArgumentException if a value is missing, of the wrong type or out of bounds, or a pattern does not
     *     compile
     */
    static KubernetesSettings of(Map<String, Object> settings) {
        try {
            return read(ConfigValueFactory.fromMap(settings).toConfig());
        } catch (ConfigException e) {
            throw new IllegalArgumentException("tagger.collectors.kubernetes: " + e.getMessage(), e);
        }
    }

    private static KubernetesSettings read(Config config) {
        SettingProblems problems = new SettingProblems();
        PodTags.Rules rules = new PodTags.Rules(
                rules(config, "pod-labels-as-tags", problems),
                rules(config, "pod-annotations-as-tags", problems),
                rules(config, "namespace-labels-as-tags", problems),
                rules(config, "namespace-annotations-as-tags", problems),
                new ContainerRules(
                        MappingRules.of("", Map.of()),
                        containerRules(config, problems),
                        ContainerExclusion.of(config.getStringList("exclude"), problems)),
                problems.read(
                        () -> MappingRules.flatten(
                                "tagger.tag-value-split-separator",
                                config.getObject("tag-value-split-separator").unwrapped()),
                        Map.of()));
        String nodeName = config.getString("node-name");
        if (nodeName.equals("*") && !config.getString("source").equals("apiserver")) {
            problems.add(BLOCK + "node-name is '*', the pods of all nodes, and requires source = apiserver");
        }
        KubernetesSettings settings = new KubernetesSettings(
                new Pulling(
                        problems.read(() -> choice(config.getString("source")), Choice.AUTO),
                        nodeName,
                        positive(config, "pull-interval", problems),
                        positive(config, "request-timeout", problems)),
                kubelet(config, problems),
                apiServer(config, problems),
                new WantedFacts(
                        rules.namespaceLabels(),
                        rules.namespaceAnnotations(),
                        config.getBoolean("service-tags"),
                        problems.read(() -> resources(config, rules.separators()), List.of()),
                        config.getBoolean("host-tags")
                                ? new HostTags.Rules(
                                        rules(config, "node-labels-as-tags", problems),
                                        config.getString("cluster-name"),
                                        rules.separators())
                                : null,
                        new WantedFacts.Times(
                                positive(config, "facts-interval", problems), config.getDuration("request-timeout"))),
                rules);
        problems.throwIfAny();
        return settings;
    }

    private static Duration positive(Config config, String key, SettingProblems problems) {
        Duration duration = config.getDuration(key);
        if (duration.isZero() || duration.isNegative()) {
            problems.add(wrong(key, duration, "longer than nothing").getMessage());
        }
        return duration;
    }

    private static Choice choice(String text) {
        return switch (text) {
            case "auto" -> Choice.AUTO;
            case "pods-api" -> Choice.PODS_API;
            case "kubelet" -> Choice.KUBELET;
            case "apiserver" -> Choice.APISERVER;
            default -> throw wrong("source", text, "auto, pods-api, kubelet or apiserver");
        };
    }

    private static Kubelet kubelet(Config config, SettingProblems problems) {
        String url = config.getString("kubelet.url");
        if (!url.isEmpty() && !isUrl(url)) {
            problems.add(wrong("kubelet.url", url, "https://host:port").getMessage());
        }
        int port = config.getInt("kubelet.read-only-port");
        if (port < 0 || port > MAX_PORT) {
            problems.add(wrong("kubelet.read-only-port", port, "a port, or 0").getMessage());
        }
        String certificate = file(config, "kubelet.client-certificate-path", problems);
        String key = file(config, "kubelet.client-key-path", problems);
        if (certificate.isEmpty() != key.isEmpty()) {
            problems.add(
                    BLOCK + "kubelet: client-certificate-path and client-key-path go together; set both or neither");
        }
        return new Kubelet(
                new PodsApiSocket(
                        Path.of(config.getString("kubelet.pods-api-socket")),
                        positive(config, "kubelet.pods-api-list-interval", problems)),
                url,
                port,
                config.getBoolean("kubelet.tls-verify"),
                config.getString("kubelet.server-name"),
                new Credentials(
                        first(file(config, "kubelet.token-path", problems), config.getString("token-path")),
                        first(file(config, "kubelet.ca-path", problems), config.getString("ca-path")),
                        certificate,
                        key));
    }

    private static ApiServer apiServer(Config config, SettingProblems problems) {
        int page = config.getInt("apiserver.page-size");
        if (page < 1 || page > MAX_PAGE) {
            problems.add(wrong("apiserver.page-size", page, "1 to " + MAX_PAGE).getMessage());
        }
        return new ApiServer(
                file(config, "apiserver.kubeconfig", problems),
                page,
                new Credentials(config.getString("token-path"), config.getString("ca-path"), "", ""));
    }

    private static String file(Config config, String key, SettingProblems problems) {
        return problems.file(BLOCK + key, config.getString(key));
    }

    private static boolean isUrl(String text) {
        try {
            URI uri = URI.create(text);
            return uri.getHost() != null && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String first(String text, String otherwise) {
        return text.isEmpty() ? otherwise : text;
    }

    private static List<ResourceRules> resources(Config config, Map<String, String> separators) {
        String labels = "resources-labels-as-tags";
        String annotations = "resources-annotations-as-tags";
        Set<String> keys = new TreeSet<>(config.getObject(labels).keySet());
        keys.addAll(config.getObject(annotations).keySet());
        List<ResourceRules> resources = new ArrayList<>();
        for (String key : keys) {
            int dot = key.indexOf('.');
            resources.add(new ResourceRules(
                    dot < 0 ? "" : key.substring(dot + 1),
                    dot < 0 ? key : key.substring(0, dot),
                    rulesOf(config, labels, key),
                    rulesOf(config, annotations, key),
                    separators));
        }
        return resources;
    }

    private static MappingRules rulesOf(Config config, String setting, String resource) {
        ConfigValue rules = config.getObject(setting).get(resource);
        String key = setting + ".\"" + resource + "\"";
        if (rules != null && rules.valueType() != ConfigValueType.OBJECT) {
            throw wrong(key, rules.unwrapped(), "a block of names to tag names");
        }
        return MappingRules.of(BLOCK + key, rules == null ? Map.of() : ((ConfigObject) rules).unwrapped());
    }

    private static MappingRules containerRules(Config config, SettingProblems problems) {
        String setting = "tagger.container.env-as-tags";
        return problems.read(
                () -> MappingRules.ofVariables(
                        setting, config.getObject("env-as-tags").unwrapped()),
                MappingRules.of(setting, Map.of()));
    }

    private static MappingRules rules(Config config, String key, SettingProblems problems) {
        return problems.read(
                () -> MappingRules.of(BLOCK + key, config.getObject(key).unwrapped()),
                MappingRules.of(BLOCK + key, Map.of()));
    }

    private static IllegalArgumentException wrong(String key, Object value, String must) {
        return new IllegalArgumentException(BLOCK + key + " is '" + value + "', and must be " + must);
    }
}
