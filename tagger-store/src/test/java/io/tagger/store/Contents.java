package io.tagger.store;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityTags;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The whole content of a store, in the form of a {@link io.tagger.testkit.RecordingListener}'s replica. */
final class Contents {
    private Contents() {}

    static Map<String, List<String>> of(TagStore store) {
        Map<String, List<String>> contents = new TreeMap<>();
        for (EntityTags tags : store.list(EntityFilter.all())) {
            contents.put(tags.entity().toString(), tags.tags(Cardinality.HIGH));
        }
        return contents;
    }
}
