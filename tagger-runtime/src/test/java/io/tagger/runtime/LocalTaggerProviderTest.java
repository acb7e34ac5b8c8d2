package io.tagger.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.DefaultTagger;
import io.tagger.api.EntityFilter;
import io.tagger.api.Tagger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The default tagger of a process with the runtime on its class path. */
class LocalTaggerProviderTest {
    @AfterEach
    void forget() {
        DefaultTagger.close();
        System.clearProperty("tagger.hostname");
        System.clearProperty("tagger.mode");
        System.clearProperty("tagger.hostnam");
    }

    @Test
    void init_collectsLocally_withTheCollectorsOfTheClassPath() {
        System.setProperty("tagger.hostname", "provider-test");
        Tagger tagger = DefaultTagger.init();

        await().until(() -> tagger.status().ready());
        assertThat(tagger.status().mode()).isEqualTo("local");
        assertThat(DefaultTagger.tag("host://provider-test", Cardinality.LOW)).contains("host:provider-test");
        assertThat(tagger.entities(EntityFilter.prefixes("host"))).hasSize(1);
        assertThat(DefaultTagger.init()).isSameAs(tagger);
    }

    @Test
    void init_modeAuto_isLocal() {
        System.setProperty("tagger.mode", "auto");

        assertThat(DefaultTagger.init().status().mode()).isEqualTo("local");
    }

    @Test
    void init_modeThatNobodyProvides_saysWhatThereIs() {
        System.setProperty("tagger.mode", "client");

        assertThatIllegalStateException()
                .isThrownBy(DefaultTagger::init)
                .withMessageContaining("'client'")
                .withMessageContaining("[local]");
    }

    @Test
    void init_badConfiguration_namesTheKey() {
        System.setProperty("tagger.hostnam", "x");

        assertThatIllegalStateException()
                .isThrownBy(DefaultTagger::init)
                .withMessageContaining("tagger.hostnam")
                .withMessageContaining("did you mean tagger.hostname?");
    }
}
