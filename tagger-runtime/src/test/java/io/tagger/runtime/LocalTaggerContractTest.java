package io.tagger.runtime;

import io.tagger.api.CollectorState;
import io.tagger.api.TagInfo;
import io.tagger.api.Tagger;
import io.tagger.runtime.collect.Rig;
import io.tagger.runtime.collect.Script;
import io.tagger.testkit.TaggerContractTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class LocalTaggerContractTest extends TaggerContractTest {
    private final Script script = new Script("test");
    private final Rig rig = new Rig(script.streamer());

    @BeforeEach
    void awaitCollector() {
        rig.awaitState("test", CollectorState.RUNNING);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Override
    protected Tagger tagger() {
        return rig.tagger;
    }

    @Override
    protected String source() {
        return "test";
    }

    @Override
    protected void publish(TagInfo info) {
        script.streaming(0).send(info);
        rig.tagger.prune();
    }
}
