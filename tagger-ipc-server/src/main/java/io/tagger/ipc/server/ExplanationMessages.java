package io.tagger.ipc.server;

import io.tagger.api.Explanation;
import io.tagger.api.Provenance;
import io.tagger.ipc.v1.Cardinality;
import io.tagger.ipc.v1.ExplainResponse;
import io.tagger.ipc.v1.ExplainedSource;
import io.tagger.ipc.v1.ExplainedTag;
import io.tagger.ipc.v1.LostTag;
import io.tagger.ipc.v1.MappingRule;
import io.tagger.ipc.v1.SeenName;
import io.tagger.ipc.v1.TagOrigin;

/** Converts an explanation into a message. */
final class ExplanationMessages {
    private ExplanationMessages() {}

    static ExplainResponse of(Explanation explanation) {
        ExplainResponse.Builder message = ExplainResponse.newBuilder()
                .setEntity(explanation.entity().toString())
                .setComplete(explanation.complete())
                .addAllFindings(explanation.findings());
        explanation.tags().forEach(tag -> message.addTags(tag(tag)));
        explanation
                .lost()
                .forEach(lost -> message.addLost(LostTag.newBuilder()
                        .setTag(lost.tag())
                        .setOrigin(origin(lost.origin()))
                        .setWhy(lost.why())));
        explanation.sources().forEach(source -> message.addSources(source(source)));
        return message.build();
    }

    private static ExplainedTag.Builder tag(Explanation.Tag tag) {
        ExplainedTag.Builder message = ExplainedTag.newBuilder()
                .setTag(tag.tag())
                .setCardinality(
                        switch (tag.level()) {
                            case LOW -> Cardinality.LOW;
                            case ORCHESTRATOR -> Cardinality.ORCHESTRATOR;
                            case HIGH -> Cardinality.HIGH;
                        });
        tag.origins().forEach(origin -> message.addOrigins(origin(origin)));
        return message;
    }

    private static TagOrigin.Builder origin(Explanation.Origin origin) {
        return TagOrigin.newBuilder()
                .setSource(origin.source())
                .setFrom(origin.from())
                .setRule(origin.rule());
    }

    private static ExplainedSource.Builder source(Explanation.Source source) {
        Provenance provenance = source.provenance();
        ExplainedSource.Builder message = ExplainedSource.newBuilder()
                .setName(source.name())
                .setAnswer(source.answer())
                .setComplete(source.complete())
                .addAllNotes(provenance.notes());
        provenance
                .seen()
                .forEach(seen -> message.addSeen(SeenName.newBuilder()
                        .setKind(seen.kind())
                        .setName(seen.name())
                        .setSetting(seen.setting())
                        .setRefusal(seen.refusal())));
        provenance
                .rules()
                .forEach(rule -> message.addRules(MappingRule.newBuilder()
                        .setSetting(rule.setting())
                        .setKind(rule.kind())
                        .setPattern(rule.pattern())
                        .setTags(rule.tags())));
        return message;
    }
}
