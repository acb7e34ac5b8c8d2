package io.tagger.collectors.ecs;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValueFactory;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.MappingRules;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** The block {@code tagger.collectors.ecs}, read and checked. */
record EcsSettings(
        String introspectionUrl,
        Duration requestTimeout,
        boolean collectResourceTags,
        boolean resourceTagsReplaceColon,
        ContainerRules container,
        Map<String, String> separators) {

    /**
     * Reads the block.
     *
     * @throws IllegalArgumentException if a value is missing, of the wrong type or out of bounds, or a pattern does not compile
     */
    static EcsSettings of(Map<String, Object> settings) {
        try {
            return read(ConfigValueFactory.fromMap(settings).toConfig());
        } catch (ConfigException e) {
            throw new IllegalArgumentException("tagger.collectors.ecs: " + e.getMessage(), e);
        }
    }

    private static EcsSettings read(Config config) {
        String url = config.getString("introspection-url");
        if (!url.isEmpty() && !isUrl(url)) {
            throw new IllegalArgumentException("tagger.collectors.ecs.introspection-url is '" + url
                    + "', and must be http://host:port, or empty for the usual one");
        }
        Duration timeout = config.getDuration("request-timeout");
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException(
                    "tagger.collectors.ecs.request-timeout is " + timeout + ", and must be longer than nothing");
        }
        return new EcsSettings(
                url.replaceAll("/+$", ""),
                timeout,
                config.getBoolean("collect-resource-tags"),
                config.getBoolean("resource-tags-replace-colon"),
                new ContainerRules(
                        MappingRules.of("tagger.container.labels-as-tags", map(config, "labels-as-tags")),
                        MappingRules.of("tagger.container.env-as-tags", Map.of())), // no endpoint tells the environment
                MappingRules.flatten("tagger.tag-value-split-separator", map(config, "tag-value-split-separator")));
    }

    private static boolean isUrl(String text) {
        try {
            URI uri = URI.create(text);
            return uri.getHost() != null && "http".equals(uri.getScheme());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Map<String, Object> map(Config config, String key) {
        return config.getObject(key).unwrapped();
    }
}
