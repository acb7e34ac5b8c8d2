package io.tagger.collectors.kubernetes;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import io.tagger.collectors.common.MappingRules;
import java.net.URI;
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
        KUBELET,
        APISERVER
    }

    /** The connection to the kubelet. An empty text stands for the default. */
    record Kubelet(String url, int readOnlyPort, boolean tlsVerify, Credentials credentials) {}

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
        Duration pullInterval = config.getDuration("pull-interval");
        if (pullInterval.isZero() || pullInterval.isNegative()) {
            throw wrong("pull-interval", pullInterval, "longer than nothing");
        }
        PodTags.Rules rules = new PodTags.Rules(
                rules(config, "pod-labels-as-tags"),
                rules(config, "pod-annotations-as-tags"),
                rules(config, "namespace-labels-as-tags"),
                rules(config, "namespace-annotations-as-tags"),
                MappingRules.flatten(
                        "tagger.tag-value-split-separator",
                        config.getObject("tag-value-split-separator").unwrapped()));
        Duration factsInterval = config.getDuration("facts-interval");
        if (factsInterval.isZero() || factsInterval.isNegative()) {
            throw wrong("facts-interval", factsInterval, "longer than nothing");
        }
        return new KubernetesSettings(
                new Pulling(
                        choice(config.getString("source")),
                        config.getString("node-name"),
                        pullInterval,
                        config.getDuration("request-timeout")),
                kubelet(config),
                apiServer(config),
                new WantedFacts(
                        rules.namespaceLabels(),
                        rules.namespaceAnnotations(),
                        config.getBoolean("service-tags"),
                        resources(config, rules.separators()),
                        factsInterval,
                        config.getDuration("request-timeout")),
                rules);
    }

    private static Choice choice(String text) {
        return switch (text) {
            case "auto" -> Choice.AUTO;
            case "kubelet" -> Choice.KUBELET;
            case "apiserver" -> Choice.APISERVER;
            default -> throw wrong("source", text, "auto, kubelet or apiserver");
        };
    }

    private static Kubelet kubelet(Config config) {
        String url = config.getString("kubelet.url");
        if (!url.isEmpty() && !isUrl(url)) {
            throw wrong("kubelet.url", url, "https://host:port");
        }
        int port = config.getInt("kubelet.read-only-port");
        if (port < 0 || port > MAX_PORT) {
            throw wrong("kubelet.read-only-port", port, "a port, or 0");
        }
        String certificate = config.getString("kubelet.client-certificate-path");
        String key = config.getString("kubelet.client-key-path");
        if (certificate.isEmpty() != key.isEmpty()) {
            throw new IllegalArgumentException(
                    BLOCK + "kubelet: client-certificate-path and client-key-path go together; set both or neither");
        }
        return new Kubelet(
                url,
                port,
                config.getBoolean("kubelet.tls-verify"),
                new Credentials(
                        first(config.getString("kubelet.token-path"), config.getString("token-path")),
                        first(config.getString("kubelet.ca-path"), config.getString("ca-path")),
                        certificate,
                        key));
    }

    private static ApiServer apiServer(Config config) {
        int page = config.getInt("apiserver.page-size");
        if (page < 1 || page > MAX_PAGE) {
            throw wrong("apiserver.page-size", page, "1 to " + MAX_PAGE);
        }
        return new ApiServer(
                config.getString("apiserver.kubeconfig"),
                page,
                new Credentials(config.getString("token-path"), config.getString("ca-path"), "", ""));
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

    private static MappingRules rules(Config config, String key) {
        return MappingRules.of(BLOCK + key, config.getObject(key).unwrapped());
    }

    private static IllegalArgumentException wrong(String key, Object value, String must) {
        return new IllegalArgumentException(BLOCK + key + " is '" + value + "', and must be " + must);
    }
}
