package io.tagger.datadog;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.datadog.wire.Entity;
import io.tagger.datadog.wire.EventType;
import io.tagger.datadog.wire.StreamTagsEvent;
import java.util.List;
import java.util.Set;

/** The events of a stream as messages. */
final class Events {
    /**
     * The kinds of entities for a client without a list: the list of Agent 7.77, the oldest client with one. A kind
     * unknown to a client ends the client's process.
     */
    static final Set<String> KNOWN = Set.of(
            "container_id",
            "container_image_metadata",
            "crd",
            "deployment",
            "ecs_task",
            "gpu",
            "host",
            "internal",
            "kubelet",
            "kubernetes_capabilities",
            "kubernetes_metadata",
            "kubernetes_pod_uid",
            "process");

    private Events() {}

    static StreamTagsEvent of(EventType type, EntityTags tags, boolean isComplete) {
        List<String> low = tags.tags(Cardinality.LOW);
        List<String> orchestrator = tags.tags(Cardinality.ORCHESTRATOR);
        List<String> high = tags.tags(Cardinality.HIGH);
        return event(
                type,
                id(tags.entity())
                        .addAllLowCardinalityTags(low)
                        .addAllOrchestratorCardinalityTags(orchestrator.subList(low.size(), orchestrator.size()))
                        .addAllHighCardinalityTags(high.subList(orchestrator.size(), high.size()))
                        .addAllStandardTags(tags.standard())
                        .setIsComplete(isComplete));
    }

    /** An entity without tags. */
    static StreamTagsEvent empty(EventType type, EntityId entity, boolean isComplete) {
        return event(type, id(entity).setIsComplete(isComplete));
    }

    static StreamTagsEvent deleted(EntityId entity) {
        return event(EventType.DELETED, id(entity));
    }

    private static StreamTagsEvent event(EventType type, Entity.Builder entity) {
        return StreamTagsEvent.newBuilder().setType(type).setEntity(entity).build();
    }

    private static Entity.Builder id(EntityId entity) {
        return Entity.newBuilder()
                .setId(io.tagger.datadog.wire.EntityId.newBuilder()
                        .setPrefix(entity.prefix())
                        .setUid(entity.id()));
    }
}
