package io.tagger.testkit;

import io.tagger.api.TagInfo;
import io.tagger.api.Tagger;

class FakeTaggerTest extends TaggerContractTest {
    private final FakeTagger tagger = new FakeTagger();

    @Override
    protected Tagger tagger() {
        return tagger;
    }

    @Override
    protected String source() {
        return "test";
    }

    @Override
    protected void publish(TagInfo info) {
        tagger.set(info);
    }
}
