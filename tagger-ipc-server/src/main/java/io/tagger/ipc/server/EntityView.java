package io.tagger.ipc.server;

import com.google.protobuf.ByteString;
import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagInfo;
import io.tagger.ipc.v1.Entity;
import io.tagger.ipc.v1.Priority;
import io.tagger.ipc.v1.Source;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Entities as messages.
 *
 * @param cardinality the level of the tags
 * @param hasSources whether the entities include their sources
 */
record EntityView(Cardinality cardinality, boolean hasSources) implements Change.View<ByteString> {
    /** The number of different views. */
    static final int VIEWS = 2 * Cardinality.values().length;

    /** All there is to tell. */
    static final EntityView WHOLE = new EntityView(Cardinality.HIGH, true);

    /** The level of a request; throws an {@link IllegalArgumentException} for a level of a later version. */
    static Cardinality level(io.tagger.ipc.v1.Cardinality cardinality) {
        return switch (cardinality) {
            case CARDINALITY_UNSPECIFIED, LOW -> Cardinality.LOW;
            case ORCHESTRATOR -> Cardinality.ORCHESTRATOR;
            case HIGH -> Cardinality.HIGH;
            case UNRECOGNIZED -> throw new IllegalArgumentException("no such cardinality: LOW, ORCHESTRATOR or HIGH");
        };
    }

    @Override
    public int index() {
        return 2 * cardinality.ordinal() + (hasSources ? 1 : 0);
    }

    Entity.Builder of(EntityTags tags) {
        List<String> low = tags.tags(Cardinality.LOW);
        List<String> orchestrator = tags.tags(Cardinality.ORCHESTRATOR);
        List<String> high = tags.tags(Cardinality.HIGH);
        Entity.Builder entity = Entity.newBuilder()
                .setId(tags.entity().toString())
                .addAllLow(low)
                .addAllStandard(tags.standard())
                .setComplete(tags.complete());
        if (cardinality != Cardinality.LOW) {
            entity.addAllOrchestrator(orchestrator.subList(low.size(), orchestrator.size()));
        }
        if (cardinality == Cardinality.HIGH) {
            entity.addAllHigh(high.subList(orchestrator.size(), high.size()));
        }
        if (hasSources) {
            Map<String, TagInfo> sources = tags.sources();
            sources.forEach((name, info) -> entity.addSources(
                    source(name, info, entity, sources.size() == 1).setPriority(priority(tags.priority(name)))));
        }
        return entity;
    }

    private static Source.Builder source(String name, TagInfo info, Entity.Builder entity, boolean isOnly) {
        Source.Builder source = Source.newBuilder().setName(name).setComplete(info.complete());
        boolean isAll = isOnly
                && info.low().equals(entity.getLowList())
                && info.orchestrator().equals(entity.getOrchestratorList())
                && info.high().equals(entity.getHighList())
                && info.standard().equals(entity.getStandardList());
        return isAll
                ? source.setAll(true)
                : source.addAllLow(info.low())
                        .addAllOrchestrator(info.orchestrator())
                        .addAllHigh(info.high())
                        .addAllStandard(info.standard());
    }

    private static Priority priority(CollectorPriority priority) {
        return switch (priority) {
            case NODE_RUNTIME -> Priority.NODE_RUNTIME;
            case NODE_ORCHESTRATOR -> Priority.NODE_ORCHESTRATOR;
            case CLUSTER_ORCHESTRATOR -> Priority.CLUSTER_ORCHESTRATOR;
        };
    }

    @Override
    public ByteString encode(EntityId entity, @Nullable EntityTags tags, boolean complete) {
        return (tags == null ? Entity.newBuilder().setId(entity.toString()) : of(tags).setComplete(complete))
                .build()
                .toByteString();
    }
}
