package io.tagger.spring;

import io.micrometer.core.instrument.config.MeterFilter;
import io.tagger.api.Tagger;
import io.tagger.micrometer.CommonTags;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/** For applications with Micrometer: the tags of this process on all meters. */
@AutoConfiguration(after = TaggerAutoConfiguration.class)
@ConditionalOnClass(MeterFilter.class)
@ConditionalOnSingleCandidate(Tagger.class)
@ConditionalOnProperty(name = "tagger.micrometer.enabled", matchIfMissing = true)
public class TaggerMetersAutoConfiguration {
    /** For Spring. */
    public TaggerMetersAutoConfiguration() {}

    /** Spring Boot sets all filters before the first meter is made. */
    @Bean
    MeterFilter taggerCommonTags(Tagger tagger, TaggerProperties properties) {
        CommonTags tags = CommonTags.read(tagger, properties.micrometer().patience());
        return properties.micrometer().tags().isEmpty()
                ? tags.filter()
                : tags.filter(properties.micrometer().tags());
    }
}
