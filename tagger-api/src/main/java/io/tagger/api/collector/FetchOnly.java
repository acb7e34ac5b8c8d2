package io.tagger.api.collector;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.util.List;

/**
 * A collector only asked on a cache miss, because the source can't list its entities or a question is costly.
 *
 * <p>Such a collector does not notice the end of an entity: the tags go when another collector deletes the entity, or
 * at the {@link TagInfo.Builder#expiry expiry} of the report.
 */
public interface FetchOnly extends Collector {
    @Override
    List<TagInfo> fetch(EntityId entity) throws Exception;
}
