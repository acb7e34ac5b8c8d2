package io.tagger.runtime.collect;

import io.tagger.api.EntityId;
import io.tagger.api.Explanation;
import io.tagger.config.CollectorUse;
import io.tagger.runtime.plugin.CollectorPlugin;
import io.tagger.store.Snapshot;
import io.tagger.store.TagStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The collectors of a tagger at one moment. Immutable.
 *
 * @param all the collectors, in the order of {@link CollectorPlugin#ORDER}
 * @param byPrefix the collectors that are asked, by the kind of entity
 */
record Roster(List<HostedCollector> all, Map<String, HostedCollector[]> byPrefix) {
    static final Roster EMPTY = new Roster(List.of(), Map.of());

    private static final HostedCollector[] NONE = {};

    static Roster of(List<HostedCollector> collectors) {
        List<HostedCollector> sorted = collectors.stream()
                .sorted(Comparator.comparing(HostedCollector::plugin, CollectorPlugin.ORDER))
                .toList();
        Map<String, List<HostedCollector>> byPrefix = new HashMap<>();
        for (HostedCollector collector : sorted) {
            if (collector.use().use() != CollectorUse.OFF) {
                for (String prefix : collector.plugin().entityPrefixes()) {
                    byPrefix.computeIfAbsent(prefix, same -> new ArrayList<>()).add(collector);
                }
            }
        }
        Map<String, HostedCollector[]> arrays = new HashMap<>();
        byPrefix.forEach((prefix, some) -> arrays.put(prefix, some.toArray(HostedCollector[]::new)));
        return new Roster(sorted, Map.copyOf(arrays));
    }

    /** The collectors that are asked about an entity. */
    HostedCollector[] of(EntityId entity) {
        return byPrefix.getOrDefault(entity.prefix(), NONE);
    }

    /** The collector with a name. */
    Optional<HostedCollector> named(String name) {
        return all.stream().filter(collector -> collector.name().equals(name)).findFirst();
    }

    /** The collectors with a further collector, in place of the collector with the same name. */
    Roster with(HostedCollector added) {
        return of(Stream.concat(all.stream().filter(other -> !other.name().equals(added.name())), Stream.of(added))
                .toList());
    }

    /** The collectors without the collector with a name. */
    Roster without(String name) {
        return of(all.stream().filter(other -> !other.name().equals(name)).toList());
    }

    /** Whether no running collector is left to ask about an entity. */
    boolean isSettled(EntityId entity, @Nullable Snapshot snapshot) {
        for (HostedCollector collector : of(entity)) { // no stream: called at each miss
            if (!collector.misses().isSettled(entity, snapshot)) {
                return false;
            }
        }
        return true;
    }

    /** Whether every possible collector has given a final answer about an entity. */
    boolean isComplete(EntityId entity, @Nullable Snapshot snapshot) {
        for (HostedCollector collector : of(entity)) {
            if (!collector.misses().isComplete(entity, snapshot)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a collector has failed to answer about an entity, or can't be asked at present. */
    boolean lacksAnswer(EntityId entity, @Nullable Snapshot snapshot) {
        return Arrays.stream(of(entity))
                .anyMatch(collector -> collector.misses().lacksAnswer(entity, snapshot));
    }

    /** The sources of a collector before a change; new sources for a new collector, or for another priority. */
    CollectorSources sources(HostedUse use, TagStore store) {
        return named(use.plugin().name())
                .map(HostedCollector::sources)
                .filter(sources -> sources.own().priority() == use.plugin().priority())
                .orElseGet(() -> new CollectorSources(use.plugin(), store));
    }

    /** Asks for the origins of an entity's tags, as {@link CollectorHost#explain}. */
    CompletableFuture<List<Explanation.Source>> explain(EntityId entity, @Nullable Snapshot snapshot) {
        List<CompletableFuture<Explanation.Source>> answers = all.stream()
                .filter(collector -> collector.plugin().entityPrefixes().contains(entity.prefix())
                        || snapshot != null
                                && snapshot.isReportedBy(collector.sources().own()))
                .map(collector -> collector.misses().explain(entity, snapshot))
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(
                        nothing -> answers.stream().map(CompletableFuture::join).toList());
    }
}
