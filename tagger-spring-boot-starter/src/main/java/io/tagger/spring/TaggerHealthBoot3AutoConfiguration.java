package io.tagger.spring;

import io.tagger.api.Tagger;
import org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/**
 * {@code tagger} in {@code /actuator/health} of Spring Boot 3. Without an agent the state is {@code UNKNOWN} and never {@code DOWN}: an
 * application without tags does its work.
 */
@AutoConfiguration(after = TaggerAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnSingleCandidate(Tagger.class)
public class TaggerHealthBoot3AutoConfiguration {
    /** For Spring. */
    public TaggerHealthBoot3AutoConfiguration() {}

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
