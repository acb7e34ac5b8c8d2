package io.tagger.api.collector;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.util.List;

/**
 * A collector that is asked only when the tags of an entity are missed, because its source can't list or is costly to ask.
 *
 * <p>It can't notice that an entity is gone: its tags go with the entity when another collector deletes it, or at the {@link
 * TagInfo.Builder#expiry expiry} that it sets itself.
 */
public interface FetchOnly extends Collector {
    @Override
    List<TagInfo> fetch(EntityId entity) throws Exception;
}
