package io.tagger.benchmarks;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One benchmark method with parameters and a number of threads: a trial in the terms of JMH.
 *
 * @param benchmark class and method, as {@code LookupBenchmark.hit}
 * @param params every parameter of the class
 * @param threads the number of calling threads
 */
record Run(String benchmark, Map<String, String> params, int threads) {
    /**
     * A trial on one thread.
     *
     * @param type the class of the benchmark
     * @param method the method's name
     * @param params names and values, in turn
     */
    static Run of(Class<?> type, String method, Object... params) {
        return of(type.getSimpleName() + "." + method, params);
    }

    static Run of(String benchmark, Object... params) {
        Map<String, String> map = new TreeMap<>();
        for (int i = 0; i < params.length; i += 2) {
            map.put(params[i].toString(), params[i + 1].toString());
        }
        return new Run(benchmark, map, 1);
    }

    Run threads(int count) {
        return new Run(benchmark, params, count);
    }

    Run with(String param, Object value) {
        Map<String, String> map = new TreeMap<>(params);
        map.put(param, value.toString());
        return new Run(benchmark, map, threads);
    }

    long entities() {
        return Long.parseLong(params.getOrDefault("entities", "0"));
    }

    @Override
    public String toString() {
        return benchmark
                + params.entrySet().stream()
                        .map(param -> " " + param.getKey() + "=" + param.getValue())
                        .collect(Collectors.joining())
                + (threads == 1 ? "" : " threads=" + threads);
    }
}
