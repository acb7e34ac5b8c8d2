package io.tagger.collectors.common;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Translates globs into regular expressions: {@code *} matches any run of characters, {@code /} and {@code .} included;
 * {@code ?} matches any character; {@code [abc]}, {@code [a-z]} and {@code [!abc]} match a set; <code>{a,b}</code>
 * matches alternatives; a backslash quotes the next character. (The JDK's own globs stop at path separators.)
 */
final class Glob {
    private final String glob;
    private final StringBuilder regex = new StringBuilder();
    private int at;
    private int braces;

    private Glob(String glob) {
        this.glob = glob;
    }

    /**
     * Translates a glob.
     *
     * @throws IllegalArgumentException if a bracket, a brace or an escape is left open
     */
    static Pattern compile(String glob) {
        Glob reader = new Glob(glob);
        while (reader.at < glob.length()) {
            reader.step(glob.charAt(reader.at++));
        }
        if (reader.braces > 0) {
            throw reader.malformed("a '{' is never closed");
        }
        try {
            return Pattern.compile(reader.regex.toString(), Pattern.DOTALL);
        } catch (PatternSyntaxException e) {
            throw reader.malformed(e.getDescription());
        }
    }

    private void step(char c) {
        switch (c) {
            case '*' -> regex.append(".*");
            case '?' -> regex.append('.');
            case '[' -> set();
            case '{' -> {
                braces++;
                regex.append("(?:");
            }
            case '}' -> {
                if (braces-- == 0) {
                    throw malformed("a '}' closes nothing");
                }
                regex.append(')');
            }
            case ',' -> regex.append(braces > 0 ? "|" : ",");
            case '\\' -> {
                if (at == glob.length()) {
                    throw malformed("the backslash is the last character");
                }
                literal(glob.charAt(at++));
            }
            default -> literal(c);
        }
    }

    private void set() {
        int end = glob.indexOf(']', at + 1); // a leading ']' is part of the set
        if (end < 0) {
            throw malformed("a '[' is never closed");
        }
        String members = glob.substring(at, end);
        boolean not = members.startsWith("!") || members.startsWith("^");
        regex.append(not ? "[^" : "[");
        for (char c : members.substring(not ? 1 : 0).toCharArray()) {
            if (c == '[' || c == ']' || c == '&' || c == '\\' || c == '^') {
                regex.append('\\');
            }
            regex.append(c);
        }
        regex.append(']');
        at = end + 1;
    }

    private void literal(char c) {
        regex.append(Pattern.quote(String.valueOf(c)));
    }

    private IllegalArgumentException malformed(String why) {
        return new IllegalArgumentException("'" + glob + "' is no valid pattern: " + why);
    }
}
