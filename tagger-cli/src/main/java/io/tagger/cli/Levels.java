package io.tagger.cli;

import io.tagger.api.Cardinality;
import java.util.Arrays;
import java.util.Iterator;

/** The cardinalities, for the shell's completion. */
final class Levels implements Iterable<String> {
    /** For picocli. */
    Levels() {}

    @Override
    public Iterator<String> iterator() {
        return Arrays.stream(Cardinality.values()).map(Cardinality::toString).iterator();
    }
}
