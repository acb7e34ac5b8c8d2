package io.tagger.spring;

import io.tagger.api.Tagger;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * {@code tagger} in {@code /actuator/health} of Spring Boot 4. Without an agent the state is {@code UNKNOWN} and never {@code DOWN}: an
 * application without tags does its work. {@link TaggerHealthBoot3AutoConfiguration} is the same for the types of Spring Boot 3,
 * which are in other packages.
 */
@AutoConfiguration(after = TaggerAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnSingleCandidate(Tagger.class)
public class TaggerHealthAutoConfiguration {
    /** For Spring. */
    public TaggerHealthAutoConfiguration() {}

    @Bean
    @ConditionalOnEnabledHealthIndicator("tagger")
    HealthIndicator taggerHealthIndicator(Tagger tagger) {
        return () -> {
            OwnEntity.Health health = OwnEntity.Health.of(tagger);
            return (health.isReady() ? Health.up() : Health.unknown())
                    .withDetails(health.details())
                    .build();
        };
    }
}
