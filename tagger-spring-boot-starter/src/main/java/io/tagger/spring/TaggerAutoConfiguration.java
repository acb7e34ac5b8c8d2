package io.tagger.spring;

import io.micrometer.core.instrument.config.MeterFilter;
import io.tagger.api.DefaultTagger;
import io.tagger.api.Tagger;
import io.tagger.client.AgentAddress;
import io.tagger.client.ClientSettings;
import io.tagger.client.ClientTagger;
import io.tagger.client.ProcessSettings;
import io.tagger.micrometer.CommonTags;
import java.util.Optional;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The process's {@link DefaultTagger} as a bean, and its tags on all meters. */
@AutoConfiguration
@EnableConfigurationProperties(TaggerProperties.class)
public class TaggerAutoConfiguration {
    /** For Spring. */
    public TaggerAutoConfiguration() {}

    /**
     * The default tagger of the process. The bean outlives the application context: other code of the process has it too.
     *
     * @param properties the settings
     * @return the tagger; the client of the agent, unless the process shares another tagger already
     */
    @Bean(destroyMethod = "")
    @ConditionalOnMissingBean
    Tagger tagger(TaggerProperties properties) {
        Optional<String> address = properties.client().address();
        if (address.isEmpty()) {
            return DefaultTagger.init();
        }
        ClientTagger named = ClientTagger.connect(ClientSettings.of(AgentAddress.find(
                address, AgentAddress.TcpFiles.OF_SETTINGS, ProcessSettings.ofProcess(Optional.empty()))));
        Tagger shared = DefaultTagger.init(named);
        if (shared != named) {
            named.close();
        }
        return shared;
    }

    /** For applications with Micrometer. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterFilter.class)
    @ConditionalOnProperty(name = "tagger.micrometer.enabled", matchIfMissing = true)
    static class Meters {
        /** Spring Boot sets all filters before the first meter is made. */
        @Bean
        MeterFilter taggerCommonTags(Tagger tagger, TaggerProperties properties) {
            CommonTags tags = CommonTags.read(tagger, properties.micrometer().patience());
            return properties.micrometer().tags().isEmpty()
                    ? tags.filter()
                    : tags.filter(properties.micrometer().tags());
        }
    }
}
