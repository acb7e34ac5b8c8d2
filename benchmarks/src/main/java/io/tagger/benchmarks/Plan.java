package io.tagger.benchmarks;

import io.tagger.benchmarks.Bar.Figure;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The runs and the promised figures. */
final class Plan {
    private static final List<Integer> SIZES = List.of(1_000, 100_000, 1_000_000);
    private static final int SMALL = 1_000;
    private static final int LARGE = 100_000;
    private static final int MANY = 10_000;
    private static final int VERY_MANY = 1_000_000;
    private static final int TWO = 2;
    private static final int MANY_CALLERS = 100;

    /** The limit for "no bytes": the profiler also counts the harness's own allocations, spread over the calls. */
    private static final double NO_BYTES = 0.05;

    private Plan() {}

    /** The bars, in printing order. */
    static List<Bar> bars() {
        List<Bar> bars = new ArrayList<>();
        for (int size : List.of(SMALL, LARGE)) {
            String among = ", " + String.format("%,d", size) + " entities";
            Run map = lookup("map", "stored", size);
            Run store = lookup("store", "stored", size);
            Run tagger = lookup("tagger", "stored", size);
            bars.add(new Bar("TagStore.lookup against ConcurrentHashMap.get" + among, Figure.TIMES, store, map, 1.3));
            bars.add(new Bar("TagStore.lookup allocates" + among, Figure.BYTES, store, null, NO_BYTES));
            bars.add(new Bar("Tagger.tag against ConcurrentHashMap.get" + among, Figure.TIMES, tagger, map, 1.5));
            bars.add(new Bar("Tagger.tag allocates" + among, Figure.BYTES, tagger, null, NO_BYTES));
            // With equal keys, because no caller has the very objects of a replica; the local tagger is quicker with
            // its own objects.
            bars.add(new Bar(
                    "Tagger.tag of a client against the local tagger" + among,
                    Figure.TIMES,
                    lookup("client", "equal", size),
                    lookup("tagger", "equal", size),
                    1.1));
            // With equal keys, too: the collectors in the folder have separate key objects.
            bars.add(new Bar(
                    "Tagger.tag over plugin folders against the class path" + among,
                    Figure.TIMES,
                    lookup("isolated", "equal", size),
                    lookup("together", "equal", size),
                    1.1));
            Run text = lookup("tagger", "text", size);
            Run mapText = lookup("map", "text", size);
            bars.add(new Bar(
                    "Tagger.tag(String) against the map, text just received" + among,
                    Figure.TIMES,
                    text,
                    mapText,
                    1.2));
            bars.add(new Bar(
                    "Tagger.tag(String) allocates beyond the text" + among, Figure.BYTES, text, mapText, NO_BYTES));
            Run caffeine = lookup("caffeine", "stored", size);
            bars.add(new Bar(
                    "TagStore.lookup against a bounded Caffeine cache" + among, Figure.FASTER, store, caffeine, 5));
            bars.add(new Bar(
                    "TagStore.lookup beside a writer against an idle store" + among,
                    Figure.TIMES,
                    store.with("writer", true),
                    store,
                    1.5));
            bars.add(new Bar(
                    "TagStore.lookup by two threads against a single thread" + among,
                    Figure.THROUGHPUT,
                    store.threads(TWO),
                    store,
                    1.8));
        }
        bars.add(new Bar("TagHandle.tags", Figure.NANOSECONDS, Run.of(HandleBenchmark.class, "handle"), null, 1.5));
        bars.add(new Bar(
                "ingest, a round of 10,000 infos and 1,000 lookups",
                Figure.ROUND,
                ingest("striped", "random", "before", 10, 64),
                null,
                12));
        bars.add(new Bar(
                "the same of realistic containers",
                Figure.ROUND,
                ingest("striped", "container", "before", 10, 64),
                null,
                12));
        bars.add(new Bar(
                "prune of 100 among 1,000,000 against among 10,000",
                Figure.TIMES,
                prune("striped", VERY_MANY),
                prune("striped", MANY),
                2));
        bars.add(new Bar(
                "an update with one stuck subscriber against with none",
                Figure.TIMES,
                fanOut(1, 1),
                fanOut(0, 0),
                1.1));
        bars.add(new Bar(
                "an update with one of ten subscribers stuck against none",
                Figure.TIMES,
                fanOut(10, 1),
                fanOut(10, 0),
                1.1));
        bars.add(new Bar(
                "an update with 100 subscribers against a thread for each wake-up",
                Figure.TIMES,
                fanOut(100, 0),
                fanOut("cached", 100, 0),
                0.1));
        bars.add(new Bar(
                "an update with one of 100 subscribers stuck against none",
                Figure.TIMES,
                fanOut(100, 1),
                fanOut(100, 0),
                1.1));
        bars.add(new Bar(
                "Tagger.tag beside 100 callers of a source that hangs against none",
                Figure.TIMES,
                hanging(MANY_CALLERS),
                hanging(0),
                1.1));
        return bars;
    }

    /** The runs for the bars, and for their context. */
    static List<Run> quick() {
        Set<Run> runs = new LinkedHashSet<>();
        for (Bar bar : bars()) {
            if (bar.against() != null) {
                runs.add(bar.against());
            }
            runs.add(bar.measured());
        }
        for (int size : List.of(SMALL, LARGE)) {
            for (String subject : List.of("walk", "textmap", "locked", "cached", "handle")) {
                runs.add(lookup(subject, "stored", size));
            }
            runs.add(lookup("map", "stored", size).with("writer", true));
            runs.add(lookup("map", "stored", size).threads(TWO));
        }
        runs.add(Run.of(HandleBenchmark.class, "volatileField"));
        runs.add(Run.of(UnknownBenchmark.class, "tagger"));
        runs.add(Run.of(UnknownBenchmark.class, "map"));
        runs.add(ingest("plain", "random", "before", 10, 64));
        runs.add(ingest("plain", "container", "before", 10, 64));
        runs.add(ingest("striped", "unchanged", "before", 0, 64));
        runs.add(ingest("striped", "random", "inside", 10, 64));
        for (int subscribers : List.of(1, 10, 100)) {
            runs.add(fanOut(subscribers, 0));
            runs.add(fanOut("cached", subscribers, 0));
        }
        runs.add(Run.of(StartBenchmark.class, "subscribe", "entities", LARGE));
        runs.add(Run.of(StartBenchmark.class, "list", "entities", LARGE));
        return List.copyOf(runs);
    }

    /** All runs, at every size. */
    static List<Run> full() {
        return everything(SIZES, List.of(MANY, VERY_MANY), LARGE);
    }

    /** All runs, at a small size. */
    static List<Run> smoke() {
        return everything(List.of(SMALL), List.of(SMALL), SMALL).stream()
                .map(run -> run.threads(1))
                .distinct()
                .toList();
    }

    private static List<Run> everything(List<Integer> sizes, List<Integer> prunes, int start) {
        Set<Run> runs = new LinkedHashSet<>();
        for (int size : sizes) {
            for (String key : List.of("stored", "equal", "parsed", "text")) {
                Stream<String> subjects = key.equals("text")
                        ? Stream.of("walk", "map", "textmap", "tagger")
                        : Stream.of("walk", "map", "textmap", "locked", "caffeine", "store", "tagger", "cached");
                subjects.forEach(subject -> {
                    runs.add(lookup(subject, key, size));
                    runs.add(lookup(subject, key, size).threads(TWO));
                });
            }
            runs.add(lookup("handle", "stored", size));
            runs.add(lookup("handle", "stored", size).threads(TWO));
            for (String subject : List.of("client", "isolated", "together")) {
                runs.add(lookup(subject, "equal", size));
                runs.add(lookup(subject, "equal", size).threads(TWO));
            }
            for (String subject : List.of("map", "store", "tagger", "cached", "handle")) {
                runs.add(lookup(subject, "stored", size).with("writer", true));
            }
        }
        for (String method : List.of("handle", "volatileField")) {
            runs.add(Run.of(HandleBenchmark.class, method));
            runs.add(Run.of(HandleBenchmark.class, method).threads(TWO));
        }
        runs.add(Run.of(UnknownBenchmark.class, "tagger"));
        runs.add(Run.of(UnknownBenchmark.class, "map"));
        for (String shape : List.of("random", "container", "unchanged")) {
            for (int lookups : List.of(0, 10)) {
                for (String infos : List.of("before", "inside")) {
                    runs.add(ingest("striped", shape, infos, lookups, 64));
                    runs.add(ingest("plain", shape, infos, lookups, 64));
                }
            }
            for (int stripes : List.of(1, 8, 64, 256)) {
                runs.add(ingest("striped", shape, "before", 0, stripes).threads(TWO));
            }
            runs.add(ingest("plain", shape, "before", 0, 64).threads(TWO));
        }
        for (int size : prunes) {
            runs.add(prune("striped", size));
            runs.add(prune("plain", size));
        }
        for (int subscribers : List.of(0, 1, 10, 100)) {
            for (String threads : List.of("pool", "cached")) {
                runs.add(fanOut(threads, subscribers, 0));
                if (subscribers > 0) {
                    runs.add(fanOut(threads, subscribers, 1));
                }
            }
        }
        runs.add(hanging(0));
        runs.add(hanging(MANY_CALLERS));
        runs.add(Run.of(StartBenchmark.class, "subscribe", "entities", start));
        runs.add(Run.of(StartBenchmark.class, "list", "entities", start));
        return List.copyOf(runs);
    }

    private static Run lookup(String subject, String key, int entities) {
        return Run.of(
                LookupBenchmark.class, "hit", "subject", subject, "key", key, "entities", entities, "writer", false);
    }

    private static Run ingest(String store, String shape, String infos, int lookups, int stripes) {
        return Run.of(
                IngestBenchmark.class,
                "batch",
                "store",
                store,
                "shape",
                shape,
                "infos",
                infos,
                "lookups",
                lookups,
                "stripes",
                stripes);
    }

    private static Run prune(String store, int entities) {
        return Run.of(PruneBenchmark.class, "prune", "store", store, "entities", entities);
    }

    private static Run hanging(int callers) {
        return Run.of(HangingBenchmark.class, "tagger", "callers", callers);
    }

    private static Run fanOut(int subscribers, int stuck) {
        return fanOut("pool", subscribers, stuck);
    }

    private static Run fanOut(String threads, int subscribers, int stuck) {
        return Run.of(FanOutBenchmark.class, "update", "threads", threads, "subscribers", subscribers, "stuck", stuck);
    }
}
