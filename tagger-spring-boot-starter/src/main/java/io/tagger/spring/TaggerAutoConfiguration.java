package io.tagger.spring;

import io.tagger.api.DefaultTagger;
import io.tagger.api.Tagger;
import io.tagger.client.ClientSettings;
import io.tagger.client.ClientTagger;
import java.util.Optional;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** The process's {@link DefaultTagger} as a bean. */
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
    Tagger defaultTagger(TaggerProperties properties) {
        Optional<String> address = properties.client().address();
        if (address.isEmpty() || address.equals(ofProcess())) {
            return DefaultTagger.init();
        }
        ClientTagger named = ClientTagger.connect(ClientSettings.ofProcess(address));
        Tagger shared = DefaultTagger.init(named);
        if (shared != named) {
            named.close();
        }
        return shared;
    }

    /** The address that the default tagger reads by itself. */
    private static Optional<String> ofProcess() {
        return Optional.ofNullable(System.getProperty("tagger.client.agent", System.getenv("TAGGER_CLIENT_AGENT")));
    }
}
