package io.tagger.naming;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityTags;
import io.tagger.api.SourceTags;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The values of each tag name of an entity, those of the source with the highest priority first, then by the alphabet. */
final class TagValues {
    static final TagValues NONE = new TagValues(Map.of());

    private final Map<String, List<String>> values;

    private TagValues(Map<String, List<String>> values) {
        this.values = values;
    }

    static TagValues of(EntityTags entity) {
        List<String> merged = entity.tags(Cardinality.HIGH);
        Set<String> left = new HashSet<>(merged);
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (SourceTags source : entity.bySource()) {
            Stream.of(source.low(), source.orchestrator(), source.high())
                    .flatMap(List::stream)
                    .filter(left::remove) // a tag that lost the merge is none
                    .forEach(tag -> add(tag, values));
        }
        merged.stream().filter(left::contains).forEach(tag -> add(tag, values));
        return new TagValues(values);
    }

    private static void add(String tag, Map<String, List<String>> values) {
        int colon = tag.indexOf(':');
        if (colon > 0 && colon < tag.length() - 1) { // a tag without a value has none for an attribute
            values.computeIfAbsent(tag.substring(0, colon), name -> new ArrayList<>(1))
                    .add(tag.substring(colon + 1));
        }
    }

    Set<String> names() {
        return values.keySet();
    }

    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    /** The first value; empty for none. */
    String first(String name) {
        List<String> all = all(name);
        return all.isEmpty() ? "" : all.get(0);
    }

    boolean has(String name) {
        return values.containsKey(name);
    }
}
