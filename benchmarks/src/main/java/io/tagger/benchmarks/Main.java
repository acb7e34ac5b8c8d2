package io.tagger.benchmarks;

/** Later. */
final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        org.openjdk.jmh.Main.main(arguments);
    }
}
