package io.tagger.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The distance between two words: the number of letters to insert, remove or change. */
public final class Distance {
    private Distance() {}

    /**
     * Finds the nearest word.
     *
     * @param word the word
     * @param words the candidates
     * @param limit the largest distance
     * @return the nearest candidate; empty if none is within the limit
     */
    public static Optional<String> nearest(String word, Collection<String> words, int limit) {
        return words.stream()
                .filter(candidate -> Math.abs(candidate.length() - word.length()) <= limit)
                .min(Comparator.comparingInt(candidate -> between(word, candidate)))
                .filter(candidate -> between(word, candidate) <= limit);
    }

    private static int between(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
