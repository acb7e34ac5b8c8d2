package io.tagger.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.Subscription;
import io.tagger.api.TagInfo;
import io.tagger.testkit.ManualTime;
import io.tagger.testkit.RecordingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.Transformer;

/**
 * Random operations on a few entities, compared after every step with a plain model of the store: the served tags, the
 * handles, and the events of a subscriber with pauses. A failure is shrunk and names its seed.
 */
class TagStoreModelTest {
    private static final int ENTITIES = 4;
    private static final int SOURCES = 3;
    private static final int STEPS = 60;

    @Property
    void anyOperations_storeHandlesAndSubscriberAgreeWithTheModel(@ForAll("operations") ActionChain<Rig> chain) {
        chain.withInvariant(Rig::agrees).run().end();
    }

    @Provide
    Arbitrary<ActionChain<Rig>> operations() {
        return ActionChain.startWith(Rig::new)
                .withAction(4, step("push", said(), (rig, said) -> rig.push(said)))
                .withAction(1, step("delete", about(), Rig::delete))
                .withAction(1, step("prune", Arbitraries.just(0), (rig, nothing) -> rig.prune()))
                .withAction(1, step("prune with grace", Arbitraries.integers().between(0, 8), Rig::pruneWithGrace))
                .withAction(1, step("advance", Arbitraries.integers().between(1, 5), Rig::advance))
                .withAction(1, step("begin a fetch", Arbitraries.just(0), (rig, nothing) -> rig.begin()))
                .withAction(2, step("answer the fetch", said(), (rig, said) -> rig.answer(said)))
                .withAction(1, step("answer the fetch with 'not found'", about(), Rig::answerNotFound))
                .withAction(1, step("sweep", Arbitraries.integers().between(0, SOURCES - 1), Rig::sweep))
                .withAction(1, step("sleep or wake up", Arbitraries.just(0), (rig, nothing) -> rig.sleepOrWakeUp()))
                .withMaxTransformations(STEPS);
    }

    private static <T> Action.Independent<Rig> step(String name, Arbitrary<T> values, Step<T> step) {
        return () -> values.map(value -> {
            Consumer<Rig> change = rig -> step.on(rig, value);
            return Transformer.mutate(name + " " + value, change);
        });
    }

    private interface Step<T> {
        void on(Rig rig, T value);
    }

    /** The number of a source and of an entity. */
    record About(int source, int entity) {}

    /** A report: for each tag the level, name and value; the lifetime in seconds, 8 or more for unlimited. */
    record Said(About about, List<Tag> tags, int seconds) {}

    record Tag(int level, int name, int value) {}

    private static Arbitrary<About> about() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, SOURCES - 1),
                        Arbitraries.integers().between(0, ENTITIES - 1))
                .as(About::new);
    }

    private static Arbitrary<Said> said() {
        Arbitrary<Tag> tag = Combinators.combine(
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(0, 1))
                .as(Tag::new);
        return Combinators.combine(
                        about(), tag.list().ofMaxSize(4), Arbitraries.integers().between(0, 30))
                .as(Said::new);
    }

    /** The store, its model, and the observers. */
    static final class Rig {
        private final ManualTime time = new ManualTime();
        private final TagStore store = new TagStore(time.clock(), 2);
        private final List<Source> sources = List.of(
                new Source("a", CollectorPriority.NODE_RUNTIME),
                new Source("b", CollectorPriority.NODE_RUNTIME),
                new Source("c", CollectorPriority.NODE_ORCHESTRATOR));
        private final Model model = new Model();
        private final RecordingListener listener = new RecordingListener();
        private final Subscription subscription = store.subscribe(EntityFilter.all(), listener, Runnable::run);
        private final Map<EntityId, StoreHandle> handles = new HashMap<>();
        private final int[] instances = {1, 1, 1};
        private final List<Ticket> tickets = new ArrayList<>();
        private final List<Long> begun = new ArrayList<>();
        private boolean asleep;

        Rig() {
            for (int i = 0; i < ENTITIES; i++) {
                handles.put(entity(i), new StoreHandle(store, entity(i)));
            }
        }

        void push(Said said) {
            TagInfo info = info(said);
            Source source = sources.get(said.about.source);
            store.update(source, instances[said.about.source], List.of(info));
            model.push(source, instances[said.about.source], info);
        }

        void delete(About about) {
            Source source = sources.get(about.source);
            store.update(
                    source, instances[about.source], List.of(TagInfo.deletion(source.name(), entity(about.entity))));
            model.delete(source, entity(about.entity), time.clock().millis());
        }

        void prune() {
            store.prune();
            model.prune(time.clock().millis(), Long.MAX_VALUE);
        }

        void pruneWithGrace(int seconds) {
            store.prune(Duration.ofSeconds(seconds));
            long now = time.clock().millis();
            model.prune(now, now - Duration.ofSeconds(seconds).toMillis());
        }

        void advance(int seconds) {
            time.advance(Duration.ofSeconds(seconds));
        }

        void begin() {
            tickets.add(store.begin());
            begun.add(model.now);
        }

        void answer(Said said) {
            if (!tickets.isEmpty()) {
                int instance = instances[said.about.source];
                Source source = sources.get(said.about.source);
                TagInfo info = info(said);
                try (Ticket ticket = tickets.remove(0)) {
                    boolean refused = !store.apply(ticket, source, instance, List.of(info))
                            .isEmpty();
                    assertThat(refused).isEqualTo(!model.fetched(begun.remove(0), source, instance, info));
                }
            }
        }

        void answerNotFound(About about) {
            if (!tickets.isEmpty()) {
                Source source = sources.get(about.source);
                try (Ticket ticket = tickets.remove(0)) {
                    store.withdraw(ticket, source, entity(about.entity));
                    model.notFound(begun.remove(0), source, entity(about.entity));
                }
            }
        }

        void sweep(int which) {
            instances[which]++;
            store.sweep(sources.get(which), instances[which]);
            model.sweep(sources.get(which), instances[which]);
        }

        void sleepOrWakeUp() {
            asleep = !asleep;
            if (asleep) {
                subscription.pause();
            } else {
                subscription.resume();
            }
        }

        void agrees() {
            Map<String, List<String>> contents = model.contents();
            assertThat(Contents.of(store)).isEqualTo(contents);
            handles.forEach((entity, handle) -> assertThat(handle.tags(Cardinality.HIGH))
                    .isEqualTo(contents.getOrDefault(entity.toString(), List.of())));
            if (!asleep) {
                assertThat(listener.replica()).isEqualTo(contents);
            }
            assertThat(listener.broken()).isEmpty();
        }

        /** Checks that the store is empty after all entities are deleted. */
        void end() {
            for (int i = 0; i < ENTITIES; i++) {
                store.update(sources.get(0), instances[0], List.of(TagInfo.deletion("a", entity(i))));
            }
            tickets.forEach(Ticket::close);
            store.prune();
            assertThat(store.size()).isZero();
            assertThat(store.internals().pooledTags()).isZero();
            assertThat(store.internals().tombstones()).isZero();
            assertThat(sources)
                    .allSatisfy(source -> assertThat(source.entities()).isZero());
        }

        private TagInfo info(Said said) {
            TagInfo.Builder info =
                    TagInfo.builder(sources.get(said.about.source).name(), entity(said.about.entity));
            for (Tag tag : said.tags) {
                String name = "n" + tag.name;
                String value = "v" + tag.value;
                switch (tag.level) {
                    case 0 -> info.low(name, value);
                    case 1 -> info.orchestrator(name, value);
                    case 2 -> info.high(name, value);
                    default -> info.standard(name, value);
                }
            }
            if (said.seconds < 8) {
                info.expiry(time.clock().instant().plusSeconds(said.seconds));
            }
            return info.build();
        }

        private static EntityId entity(int number) {
            return EntityId.container("c" + number);
        }
    }

    /** Maps and sets without sharing, computed anew at every question. */
    private static final class Model {
        private static final class Said {
            TagInfo info;
            int instance;
            long at;
            boolean pushed;
        }

        private final Map<EntityId, Map<Source, Said>> said = new HashMap<>();
        private final Map<EntityId, Map<Source, Long>> marks = new HashMap<>();
        private final Map<EntityId, Long> deleted = new HashMap<>();
        private final Map<String, Long> withdrawn = new HashMap<>();
        private long now;

        void push(Source source, int instance, TagInfo info) {
            if (info.isEmpty()) {
                withdraw(source, info.entity());
            } else {
                put(source, instance, info, true);
            }
        }

        boolean fetched(long begun, Source source, int instance, TagInfo info) {
            Said last = said.getOrDefault(info.entity(), Map.of()).get(source);
            if (deleted.getOrDefault(info.entity(), -1L) > begun
                    || withdrawn.getOrDefault(info.entity() + " " + source.name(), -1L) > begun
                    || last != null && last.at > begun) {
                return false;
            }
            if (!info.isEmpty()) {
                put(source, instance, info, false);
            }
            return true;
        }

        private void put(Source source, int instance, TagInfo info, boolean pushed) {
            Said last = said.getOrDefault(info.entity(), Map.of()).get(source);
            Said entry = new Said();
            entry.info = info;
            entry.instance = instance;
            entry.at = ++now;
            entry.pushed = pushed || last != null && last.pushed;
            said.computeIfAbsent(info.entity(), key -> new HashMap<>()).put(source, entry);
            marks.getOrDefault(info.entity(), new HashMap<>()).remove(source);
        }

        void delete(Source source, EntityId entity, long millis) {
            marks.computeIfAbsent(entity, key -> new HashMap<>()).putIfAbsent(source, millis);
            deleted.put(entity, ++now);
        }

        void notFound(long begun, Source source, EntityId entity) {
            Said last = said.getOrDefault(entity, Map.of()).get(source);
            if (last != null && !last.pushed && last.at <= begun) {
                withdraw(source, entity);
            }
        }

        private void withdraw(Source source, EntityId entity) {
            Said gone = said.getOrDefault(entity, new HashMap<>()).remove(source);
            if (gone == null) {
                return;
            }
            Map<Source, Said> rest = said.get(entity);
            if (rest.isEmpty() || gone.pushed && rest.values().stream().noneMatch(entry -> entry.pushed)) {
                said.remove(entity);
                deleted.put(entity, ++now);
                marks.remove(entity);
            } else {
                withdrawn.put(entity + " " + source.name(), ++now);
            }
        }

        void sweep(Source source, int instance) {
            for (EntityId entity : List.copyOf(said.keySet())) {
                Said entry = said.get(entity).get(source);
                if (entry != null && entry.instance < instance) {
                    withdraw(source, entity);
                }
            }
        }

        void prune(long millis, long until) {
            marks.forEach((entity, by) -> {
                if (by.values().stream().anyMatch(at -> at <= until)) {
                    said.remove(entity);
                    by.clear();
                }
            });
            // The earliest expiry first: the expired entry may leave the other entries without a pushed entry.
            record Due(EntityId entity, Source source, long at) {}
            List<Due> due = new ArrayList<>();
            said.forEach((entity, entries) -> entries.forEach((source, entry) -> entry.info
                    .expiry()
                    .filter(expiry -> expiry.toEpochMilli() <= millis)
                    .ifPresent(expiry -> due.add(new Due(entity, source, expiry.toEpochMilli())))));
            due.forEach(next -> withdraw(next.source(), next.entity()));
        }

        Map<String, List<String>> contents() {
            Map<String, List<String>> contents = new TreeMap<>();
            said.forEach((entity, entries) -> {
                if (!entries.isEmpty()) {
                    contents.put(entity.toString(), merged(entries));
                }
            });
            return contents;
        }

        private static List<String> merged(Map<Source, Said> entries) {
            List<Set<String>> levels = List.of(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
            entries.forEach((source, entry) -> {
                List<List<String>> own = List.of(entry.info.low(), entry.info.orchestrator(), entry.info.high());
                for (int level = 0; level < own.size(); level++) {
                    for (String tag : own.get(level)) {
                        if (entries.entrySet().stream()
                                .noneMatch(other -> beats(other.getKey(), source)
                                        && names(other.getValue().info).contains(name(tag)))) {
                            levels.get(level).add(tag);
                        }
                    }
                }
            });
            List<String> all = new ArrayList<>();
            for (Set<String> level : levels) {
                level.stream().filter(tag -> !all.contains(tag)).toList().forEach(all::add);
            }
            return all;
        }

        private static boolean beats(Source other, Source source) {
            return other.priority().compareTo(source.priority()) > 0;
        }

        private static Set<String> names(TagInfo info) {
            Set<String> names = new HashSet<>();
            List.of(info.low(), info.orchestrator(), info.high())
                    .forEach(level -> level.forEach(tag -> names.add(name(tag))));
            return names;
        }

        private static String name(String tag) {
            return tag.substring(0, tag.indexOf(':'));
        }
    }
}
