package io.tagger.collectors.ecs;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValueFactory;
import io.tagger.collectors.common.ContainerExclusion;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.common.SettingProblems;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The block {@code tagger.collectors.ecs}, read and checked. */
record EcsSettings(
        String introspectionUrl,
        Duration requestTimeout,
        Duration keepFor,
        ResourceTags resourceTags,
        Api api,
        Tagging tagging) {

    /**
     * The use of resource tags.
     *
     * @param isCollected whether tasks get their resource tags
     * @param replacesColons whether a colon in a key becomes an underscore
     */
    record ResourceTags(boolean isCollected, boolean replacesColons) {}

    /**
     * The use of the API of ECS.
     *
     * @param use when the API is asked
     * @param endpoint the endpoint; empty for the region's endpoint
     * @param timeout the time for all answers about a task together
     */
    record Api(ApiUse use, String endpoint, Duration timeout) {}

    /**
     * The rules for tags.
     *
     * @param container the rules for labels of containers
     * @param separators tag name to the separator of the tag's values
     */
    record Tagging(ContainerRules container, Map<String, String> separators) {}

    /** The use of the ECS API. */
    enum ApiUse {
        /** For the configured facts of the API, and on a machine without a local source. */
        AUTO,
        /** For all facts of the API. */
        TRUE,
        /** Never. */
        FALSE
    }

    private static final MappingRules NO_RULES = MappingRules.of("tagger.container.env-as-tags", Map.of());

    /**
     * Reads the block.
     *
     * @throws IllegalArgumentException if a value is missing, of the wrong type or out of bounds, or a pattern does not
     *     compile
     */
    static EcsSettings of(Map<String, Object> settings) {
        try {
            return read(ConfigValueFactory.fromMap(settings).toConfig());
        } catch (ConfigException e) {
            throw new IllegalArgumentException("tagger.collectors.ecs: " + e.getMessage(), e);
        }
    }

    private static EcsSettings read(Config config) {
        SettingProblems problems = new SettingProblems();
        EcsSettings settings = new EcsSettings(
                problems.read(() -> url(config, "introspection-url", Set.of("http")), ""),
                problems.read(() -> positive(config, "request-timeout"), Duration.ZERO),
                problems.read(() -> positive(config, "keep-for"), Duration.ZERO),
                new ResourceTags(
                        config.getBoolean("collect-resource-tags"), config.getBoolean("resource-tags-replace-colon")),
                new Api(
                        problems.read(() -> apiUse(config), ApiUse.AUTO),
                        problems.read(() -> url(config, "api.endpoint", Set.of("http", "https")), ""),
                        problems.read(() -> positive(config, "api.request-timeout"), Duration.ZERO)),
                new Tagging(
                        new ContainerRules(
                                problems.read(
                                        () -> MappingRules.of(
                                                "tagger.container.labels-as-tags", map(config, "labels-as-tags")),
                                        NO_RULES),
                                NO_RULES, // no endpoint has the environment
                                ContainerExclusion.of(config.getStringList("exclude"), problems)),
                        problems.read(
                                () -> MappingRules.flatten(
                                        "tagger.tag-value-split-separator", map(config, "tag-value-split-separator")),
                                Map.of())));
        problems.throwIfAny();
        return settings;
    }

    /** Whether the API is asked about tasks of a local source. */
    boolean describesByApi() {
        return switch (api.use) {
            case TRUE -> true;
            case FALSE -> false;
            case AUTO -> resourceTags.isCollected || !api.endpoint.isEmpty();
        };
    }

    private static ApiUse apiUse(Config config) {
        String use = config.getString("api.enabled");
        try {
            return ApiUse.valueOf(use.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw wrong("api.enabled", use, "auto, true or false");
        }
    }

    private static String url(Config config, String key, Set<String> schemes) {
        String url = config.getString(key);
        if (!url.isEmpty() && !isUrl(url, schemes)) {
            throw wrong(
                    key,
                    url,
                    String.join(" or ", schemes.stream().sorted().toList()) + "://host:port, or empty for the default");
        }
        return url.replaceAll("/+$", "");
    }

    private static boolean isUrl(String text, Set<String> schemes) {
        try {
            URI uri = URI.create(text);
            return uri.getHost() != null && uri.getScheme() != null && schemes.contains(uri.getScheme());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Duration positive(Config config, String key) {
        Duration duration = config.getDuration(key);
        if (duration.isZero() || duration.isNegative()) {
            throw wrong(key, duration, "longer than nothing");
        }
        return duration;
    }

    private static IllegalArgumentException wrong(String key, Object value, String right) {
        return new IllegalArgumentException(
                "tagger.collectors.ecs." + key + " is '" + value + "', and must be " + right);
    }

    private static Map<String, Object> map(Config config, String key) {
        return config.getObject(key).unwrapped();
    }
}
