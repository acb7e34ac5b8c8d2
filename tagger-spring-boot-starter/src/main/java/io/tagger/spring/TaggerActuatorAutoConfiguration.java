package io.tagger.spring;

import io.tagger.api.Tagger;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.info.ConditionalOnEnabledInfoContributor;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/** For applications with the actuator: the endpoint {@code tags}, and {@code tagger} in {@code /actuator/info}. */
@AutoConfiguration(after = TaggerAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnSingleCandidate(Tagger.class)
public class TaggerActuatorAutoConfiguration {
    /** For Spring. */
    public TaggerActuatorAutoConfiguration() {}

    @Bean
    @ConditionalOnAvailableEndpoint
    TagsEndpoint tagsEndpoint(Tagger tagger) {
        return new TagsEndpoint(tagger);
    }

    @Bean
    @ConditionalOnEnabledInfoContributor("tagger")
    InfoContributor taggerInfoContributor(Tagger tagger) {
        return builder -> builder.withDetail("tagger", OwnEntity.describe(tagger));
    }
}
