package io.tagger.spring;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityTags;
import io.tagger.api.Issue;
import io.tagger.api.Tagger;
import io.tagger.api.TaggerStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the actuator tells of the tagger and of the entity of this application. Asked anew by each request. */
final class OwnEntity {
    private OwnEntity() {}

    /** The entity and its tags by level; only {@code entity: unknown} if nobody can tell. */
    static Map<String, Object> describe(Tagger tagger) {
        Map<String, Object> description = new LinkedHashMap<>();
        Optional<EntityTags> self = tagger.self();
        description.put("entity", self.map(own -> own.entity().toString()).orElse("unknown"));
        self.ifPresent(own -> {
            description.put("complete", own.complete());
            List<String> below = new ArrayList<>();
            Map<String, Object> levels = new LinkedHashMap<>();
            for (Cardinality level : Cardinality.values()) {
                List<String> tags = new ArrayList<>(own.tags(level));
                tags.removeAll(below);
                below.addAll(tags);
                levels.put(level.toString(), tags);
            }
            description.put("tags", levels);
        });
        return description;
    }

    /**
     * The state of the tagger.
     *
     * @param isReady whether the tags are those of now; not so without an agent
     * @param details mode, number of entities, and what is wrong
     */
    record Health(boolean isReady, Map<String, Object> details) {
        static Health of(Tagger tagger) {
            TaggerStatus status = tagger.status();
            Map<String, Object> details = new LinkedHashMap<>();
            details.put("mode", status.mode());
            details.put("entities", status.entities());
            if (!status.issues().isEmpty()) {
                details.put(
                        "issues", status.issues().stream().map(Issue::message).toList());
            }
            return new Health(status.ready(), details);
        }
    }
}
