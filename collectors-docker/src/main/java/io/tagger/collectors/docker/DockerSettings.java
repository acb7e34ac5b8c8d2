package io.tagger.collectors.docker;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValueFactory;
import io.tagger.collectors.common.ContainerExclusion;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.common.SettingProblems;
import java.time.Duration;
import java.util.Map;

/** The block {@code tagger.collectors.docker}, read and checked. */
record DockerSettings(
        String host,
        Duration requestTimeout,
        Intervals intervals,
        Inspecting inspecting,
        ContainerRules rules,
        Map<String, String> separators) {

    /**
     * The intervals of the looks beside the events.
     *
     * @param ping the time between two signs of life
     * @param relist the time between two comparisons with the daemon's list
     */
    record Intervals(Duration ping, Duration relist) {}

    /**
     * The settings of inspects.
     *
     * @param parallel the number of inspects in parallel
     * @param patience the longest wait of the first sync for a container with failing inspects
     */
    record Inspecting(int parallel, Duration patience) {}

    private static final String BLOCK = "tagger.collectors.docker.";
    private static final int MAX_PARALLEL = 64;

    /**
     * Reads the block.
     *
     * @throws IllegalArgumentException if a value is missing, of the wrong type or out of bounds, or a pattern does not
     *     compile
     */
    static DockerSettings of(Map<String, Object> settings) {
        try {
            return read(ConfigValueFactory.fromMap(settings).toConfig());
        } catch (ConfigException e) {
            throw new IllegalArgumentException("tagger.collectors.docker: " + e.getMessage(), e);
        }
    }

    private static DockerSettings read(Config config) {
        SettingProblems problems = new SettingProblems();
        int parallel = config.getInt("parallel-inspects");
        if (parallel < 1 || parallel > MAX_PARALLEL) {
            problems.add(BLOCK + "parallel-inspects is " + parallel + ", and must be 1 to " + MAX_PARALLEL);
        }
        String host = config.getString("host");
        if (!host.isEmpty() && !DockerHost.isAddress(host)) {
            problems.add(BLOCK + "host is '" + host + "', and must begin with unix:// or tcp://, such as"
                    + " unix:///var/run/docker.sock");
        }
        MappingRules none = MappingRules.of("", Map.of());
        DockerSettings settings = new DockerSettings(
                host,
                positive(config, "request-timeout", problems),
                new Intervals(
                        positive(config, "ping-interval", problems), positive(config, "relist-interval", problems)),
                new Inspecting(parallel, positive(config, "inspect-patience", problems)),
                new ContainerRules(
                        problems.read(
                                () -> MappingRules.of("tagger.container.labels-as-tags", map(config, "labels-as-tags")),
                                none),
                        problems.read(
                                () -> MappingRules.ofVariables(
                                        "tagger.container.env-as-tags", map(config, "env-as-tags")),
                                none),
                        ContainerExclusion.of(config.getStringList("exclude"), problems)),
                problems.read(
                        () -> MappingRules.flatten(
                                "tagger.tag-value-split-separator", map(config, "tag-value-split-separator")),
                        Map.of()));
        problems.throwIfAny();
        return settings;
    }

    private static Duration positive(Config config, String key, SettingProblems problems) {
        Duration duration = config.getDuration(key);
        if (duration.isZero() || duration.isNegative()) {
            problems.add(BLOCK + key + " is " + config.getString(key) + ", and must be more than zero");
        }
        return duration;
    }

    private static Map<String, Object> map(Config config, String key) {
        return config.getObject(key).unwrapped();
    }
}
