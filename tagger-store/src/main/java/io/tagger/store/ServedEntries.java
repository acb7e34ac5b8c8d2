package io.tagger.store;

import io.tagger.api.Cardinality;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The entries of an entity under {@link NameRules}: each source has the tags that it contributes to the merge, under
 * their served names. The merge of these entries is the merge of the original entries after the rules, so that a reader
 * of the sources and a reader of the merge see the same.
 */
final class ServedEntries {
    private final NameRules rules;
    private final Entry[] entries;
    private final List<Kept> kept = new ArrayList<>();
    /** The first source with a served name: all tags of the name go there, or the merge would drop those of lower sources. */
    private final Map<String, Kept> first = new HashMap<>();

    /** The served tags of one source. */
    private static final class Kept {
        final List<TreeSet<String>> levels = List.of(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
        final TreeSet<String> standard = new TreeSet<>();

        boolean has(String tag) {
            return levels.stream().anyMatch(level -> level.contains(tag));
        }
    }

    private ServedEntries(NameRules rules, Entry[] entries) {
        this.rules = rules;
        this.entries = entries;
    }

    /** The entries under the rules; a source without a served tag is left out. */
    static Entry[] of(NameRules rules, Entry[] entries) {
        return rules == NameRules.NONE ? entries : new ServedEntries(rules, entries).entries();
    }

    private Entry[] entries() {
        Cardinality[] levels = Cardinality.values();
        String[][][] contributions = new String[entries.length][levels.length][];
        for (int i = 0; i < entries.length; i++) {
            Kept own = new Kept();
            kept.add(own);
            for (Cardinality level : levels) {
                String[] tags = Merge.contribution(entries, i, level);
                contributions[i][level.ordinal()] = tags;
                for (String tag : tags) {
                    first.putIfAbsent(rules.served(nameOf(tag)), own);
                }
            }
        }
        for (Cardinality level : levels) { // the lowest level first: a tag at two levels stays there
            for (int i = 0; i < entries.length; i++) {
                for (String tag : contributions[i][level.ordinal()]) {
                    add(tag, level, entries[i]);
                }
            }
        }
        List<Entry> served = new ArrayList<>();
        for (int i = 0; i < entries.length; i++) {
            List<TreeSet<String>> tags = kept.get(i).levels;
            if (!tags.stream().allMatch(TreeSet::isEmpty)) {
                served.add(new Entry(new Reported(
                        entries[i].source,
                        new LowLevel(List.copyOf(tags.get(0)), List.copyOf(kept.get(i).standard)),
                        List.copyOf(tags.get(1)),
                        List.copyOf(tags.get(2)),
                        entries[i].complete)));
            }
        }
        return served.toArray(Entry[]::new);
    }

    private void add(String tag, Cardinality level, Entry entry) {
        String name = nameOf(tag);
        String served = rules.served(name);
        if (served.isEmpty()) {
            return;
        }
        Kept to = first.get(served);
        String text = served.equals(name) ? tag : served + tag.substring(name.length());
        if (!to.has(text)) {
            to.levels.get(level.ordinal()).add(text);
        }
        if (served.equals(name) && List.of(entry.low.standard).contains(tag)) {
            to.standard.add(tag);
        }
    }

    private static String nameOf(String tag) {
        return tag.substring(0, tag.indexOf(':'));
    }
}
