package io.tagger.spring;

import io.tagger.api.Tagger;
import java.util.Map;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** {@code /actuator/tags}: the entity of this application, and its tags by level. */
@Endpoint(id = "tags")
public class TagsEndpoint {
    private final Tagger tagger;

    /**
     * Makes the endpoint.
     *
     * @param tagger the tagger
     */
    public TagsEndpoint(Tagger tagger) {
        this.tagger = tagger;
    }

    /**
     * Asks the tagger.
     *
     * @return {@code entity}, {@code complete}, and {@code tags} by level
     */
    @ReadOperation
    public Map<String, Object> tags() {
        return OwnEntity.describe(tagger);
    }
}
