package io.tagger.spring;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

/**
 * The settings of the starter, below {@code tagger}.
 *
 * @param client where the agent is
 * @param micrometer the common tags of all meters
 */
@ConfigurationProperties("tagger")
public record TaggerProperties(
        @DefaultValue Client client, @DefaultValue Micrometer micrometer) {
    /**
     * Where the agent is.
     *
     * @param agent the agent's address, for instance {@code unix:/run/tagger/tagger.sock}; null to find the agent of the machine
     */
    public record Client(@Nullable String agent) {
        Optional<String> address() {
            return Optional.ofNullable(agent).filter(text -> !text.isBlank());
        }
    }

    /**
     * The common tags of all meters.
     *
     * @param enabled whether there are common tags
     * @param tags the names of tags, of any level; without a name, the low tags whose values do not change during the life of a
     *     container
     * @param patience {@code wait}, the longest wait for complete tags, at the start of the application
     */
    public record Micrometer(
            @DefaultValue("true") boolean enabled,
            @DefaultValue List<String> tags,
            @Name("wait") @DefaultValue("300ms") Duration patience) {}
}
