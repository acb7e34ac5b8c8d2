package io.tagger.api;

import java.util.List;

/** A {@link TagInfo} as the view of a source. */
record InfoTags(TagInfo info, CollectorPriority priority) implements SourceTags {
    @Override
    public String source() {
        return info.source();
    }

    @Override
    public boolean complete() {
        return info.complete();
    }

    @Override
    public List<String> low() {
        return info.low();
    }

    @Override
    public List<String> orchestrator() {
        return info.orchestrator();
    }

    @Override
    public List<String> high() {
        return info.high();
    }

    @Override
    public List<String> standard() {
        return info.standard();
    }
}
