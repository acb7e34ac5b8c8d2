package io.tagger.benchmarks;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The bytes of heap for a container with two sources and 24 tags, 20 of them shared with its replicas. Each figure
 * comes from a separate JVM, which fills a store, drops all further data, collects garbage and reads the used heap; a
 * full collection of the serial collector leaves no garbage, so that the figure is exact to a few bytes.
 */
final class Memory {
    static final List<Integer> SIZES = List.of(1_000, 10_000, 100_000);

    /** At most so many bytes for a container, at every size. */
    static final int MOST = 1_000;
    /** The largest allowed part of the straightforward layout's size. */
    static final double PART = 0.45;

    private static final int TAGS = 24;
    private static final int COLLECTIONS = 3;
    private static final int WARM_UP = 2_000;

    /**
     * A line of the table.
     *
     * @param entities how many containers
     * @param striped bytes for each in our store
     * @param plain bytes for each container in the straightforward layout
     */
    record Line(int entities, double striped, double plain) {
        double part() {
            return striped / plain;
        }

        boolean isMet() {
            return striped < MOST && part() < PART;
        }
    }

    private Memory() {}

    /**
     * Measures one store in this JVM and prints the bytes for each container.
     *
     * @param arguments {@code striped} or {@code plain}, and the number of containers
     */
    public static void main(String[] arguments) {
        int count = Integer.parseInt(arguments[1]);
        fill(store(arguments[0]), WARM_UP); // classes, caches of the JVM
        long before = used();
        Store store = store(arguments[0]);
        fill(store, count);
        System.out.println((double) (used() - before) / count);
        if (store.lookup(Workload.container(0)).size() != TAGS) {
            throw new IllegalStateException(
                    "a container has " + TAGS + " tags, not " + store.lookup(Workload.container(0)));
        }
    }

    private static Store store(String name) {
        return name.equals("striped") ? Store.striped(64) : Store.plain();
    }

    static List<Line> measure() {
        return SIZES.stream()
                .map(size -> new Line(size, inJvmOfItsOwn("striped", size), inJvmOfItsOwn("plain", size)))
                .toList();
    }

    /**
     * In random order. The striped store is then read on all levels, so that all caches are filled; the straightforward
     * store is not.
     */
    private static void fill(Store store, int count) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        Collections.shuffle(order, new Random(count));
        for (int number : order) {
            EntityId entity = Workload.container(number);
            store.update(List.of(Workload.docker(entity, number, 0)));
            store.update(List.of(Workload.kubernetes(Workload.container(number), number, 0)));
            if (store instanceof Store.Striped striped) {
                for (Cardinality level : Cardinality.values()) {
                    striped.store().lookup(entity, level);
                }
            }
        }
    }

    private static long used() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static double inJvmOfItsOwn(String store, int size) {
        ProcessBuilder command = new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-XX:-ResizeTLAB", // a thread's allocation buffer counts as used as a whole
                "-XX:TLABSize=4k",
                "-Xms1g",
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                Memory.class.getName(),
                store,
                Integer.toString(size));
        try {
            Process process = command.redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new IllegalStateException("the measurement of the memory failed: " + output);
            }
            return Double.parseDouble(output);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "no Java could be started from " + command.command().get(0), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
