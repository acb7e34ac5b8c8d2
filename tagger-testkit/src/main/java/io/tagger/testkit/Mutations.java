package io.tagger.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes broken inputs from good ones, always the same for the same seed: for tests of code that reads the answers of a
 * foreign program. A mutated text is damaged in one to four places: a token is replaced by an odd value, by another
 * token of the input, is repeated or left out; characters are changed, a part is repeated many times, or the rest is
 * missing. Not thread-safe.
 */
public final class Mutations {
    private static final Pattern TOKEN =
            Pattern.compile("\"(?:[^\"\\\\]++|\\\\.)*+\"|-?\\d+(?:\\.\\d+)?|[A-Za-z_][A-Za-z0-9_.-]*|\\S");

    private static final List<String> ODD = List.of(
            "null",
            "{}",
            "[]",
            "\"\"",
            "-1",
            "0",
            "1e999",
            "99999999999999999999",
            "true",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"../../x\"",
            "[[[[[[[[]]]]]]]]",
            "{\"a\":{\"a\":{\"a\":1}}}",
            "\"" + "x".repeat(5_000) + "\"",
            "%00",
            "://",
            "\r\n");

    private static final int MOST_PLACES = 4;
    private static final int REPEATS = 200;

    private final Random random;

    /**
     * Makes mutations.
     *
     * @param seed equal seeds make equal mutations
     */
    public Mutations(long seed) {
        random = new Random(seed);
    }

    /**
     * Damages a text.
     *
     * @param good a good input
     * @return the damaged input; seldom the good input itself
     */
    public String of(String good) {
        String text = good;
        int places = random.nextBoolean() ? 1 : 1 + random.nextInt(MOST_PLACES);
        for (int i = 0; i < places; i++) {
            text = once(text);
        }
        return text;
    }

    private String once(String text) {
        List<int[]> tokens = new ArrayList<>();
        List<int[]> words = new ArrayList<>(); // a damaged word often leaves the form of the whole intact
        for (Matcher token = TOKEN.matcher(text); token.find(); ) {
            int[] place = {token.start(), token.end()};
            tokens.add(place);
            if (place[1] - place[0] > 1) {
                words.add(place);
            }
        }
        if (tokens.isEmpty()) {
            return ODD.get(random.nextInt(ODD.size()));
        }
        List<int[]> candidates = words.isEmpty() || random.nextInt(5) == 0 ? tokens : words;
        int[] at = candidates.get(random.nextInt(candidates.size()));
        int[] other = tokens.get(random.nextInt(tokens.size()));
        String token = text.substring(at[0], at[1]);
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> replaced(text, at, ODD.get(random.nextInt(ODD.size())));
            case 3 -> replaced(text, at, text.substring(other[0], other[1]));
            case 4 -> replaced(text, at, "");
            case 5 -> replaced(text, at, (token + (random.nextBoolean() ? "," : "")).repeat(random.nextInt(REPEATS)));
            case 6 -> replaced(text, new int[] {at[0], at[0] + 1}, String.valueOf((char) random.nextInt(0x300)));
            default -> text.substring(0, at[0]);
        };
    }

    private static String replaced(String text, int[] at, String by) {
        return text.substring(0, at[0]) + by + text.substring(at[1]);
    }
}
