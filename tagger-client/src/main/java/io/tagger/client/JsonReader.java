package io.tagger.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JSON text, or lines of JSON, from bytes, value by value: the caller reads the expected values, and skips the rest. Not
 * thread-safe. A malformed text is a {@link Malformed}; the depth of a value is bounded.
 *
 * <p>A reader of our own: an application takes the client without any library, and a cold JVM reads a text for each entity.
 */
final class JsonReader {
    private static final int DEEPEST = 64;
    private static final int SHOWN = 60;
    private static final int MOST_DIGITS = 18;

    /** The names of a watch's lines. */
    private static final String[] NAMES = {
        "source", "low", "high", "orchestrator", "type", "entity", "complete", "sources", "standard"
    };

    private final byte[] bytes;
    private final int end;
    private int at;
    private boolean isFirst; // the next value of an object or array is its first

    /** The text is no JSON, or has a value of another kind than expected. */
    static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    JsonReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.end = end;
        at = from;
    }

    JsonReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    /** Begins an object: {@link #member} follows until it returns null. */
    void object() {
        expect('{');
        isFirst = true;
    }

    /** The name of the next member, whose value is to be read or skipped; null at the end of the object. */
    @Nullable
    String member() {
        if (!hasMore('}')) {
            return null;
        }
        String known = knownName();
        String name = known == null ? string() : known;
        expect(':');
        return name;
    }

    /** The name at this place, if frequent in the agent's answers; null for any other name. */
    private @Nullable String knownName() {
        if (next() == '"' && at + 1 < end) {
            for (String name : NAMES) {
                if (bytes[at + 1] == name.charAt(0) && isHere(name)) {
                    at += name.length() + 2;
                    return name;
                }
            }
        }
        return null;
    }

    private boolean isHere(String name) {
        int close = at + 1 + name.length();
        if (close >= end || bytes[close] != '"') {
            return false;
        }
        for (int i = 1; i < name.length(); i++) {
            if (bytes[at + 1 + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Begins an array: {@link #item} follows until it returns false. */
    void array() {
        expect('[');
        isFirst = true;
    }

    /** Whether an item follows, which is to be read or skipped; false at the end of the array. */
    boolean item() {
        return hasMore(']');
    }

    /** Passes the comma before a further value, or the end. */
    private boolean hasMore(char close) {
        byte b = next();
        boolean wasFirst = isFirst;
        isFirst = false;
        if (b == close) {
            at++;
            return false;
        }
        if (!wasFirst) {
            expect(',');
        }
        return true;
    }

    /** Reads an array of strings. */
    List<String> strings() {
        List<String> strings = new ArrayList<>(4);
        array();
        while (item()) {
            strings.add(string());
        }
        return strings;
    }

    /** Whether the next value is a number. */
    boolean isNumber() {
        byte b = next();
        return b == '-' || b >= '0' && b <= '9';
    }

    /** Whether the next value is an object. */
    boolean isObject() {
        return next() == '{';
    }

    /** Whether the next value is a string. */
    boolean isString() {
        return next() == '"';
    }

    /** Whether the next value is an array. */
    boolean isArray() {
        return next() == '[';
    }

    boolean bool() {
        if (next() == 't') {
            literal("true");
            return true;
        }
        literal("false");
        return false;
    }

    /** Reads a number without a fraction and of at most 18 digits. */
    long number() {
        boolean isNegative = next() == '-';
        int from = at;
        at += isNegative ? 1 : 0;
        int digits = at;
        long number = 0;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            number = number * 10 + bytes[at++] - '0';
        }
        if (at == digits || at - digits > MOST_DIGITS || at < end && ".eE".indexOf(bytes[at]) >= 0) {
            at = from;
            throw malformed("a whole number");
        }
        return isNegative ? -number : number;
    }

    String string() {
        if (next() != '"') {
            throw malformed("a string");
        }
        int from = ++at;
        int sign = 0; // negative as soon as a byte is no ASCII
        while (at < end) {
            byte b = bytes[at];
            if (b == '"') {
                String text = new String(
                        bytes, from, at - from, sign < 0 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
                at++;
                return text;
            }
            if (b == '\\') {
                return escaped(from);
            }
            if (b >= 0 && b < ' ') {
                throw malformed("a string without control characters");
            }
            sign |= b;
            at++;
        }
        throw malformed("the end of a string");
    }

    private String escaped(int from) {
        StringBuilder text = new StringBuilder();
        int plain = from; // the beginning of the bytes that are not in the text yet
        while (at < end) {
            byte b = bytes[at];
            if (b != '"' && b != '\\') {
                if (b >= 0 && b < ' ') {
                    throw malformed("a string without control characters");
                }
                at++;
                continue;
            }
            text.append(new String(bytes, plain, at - plain, StandardCharsets.UTF_8));
            at++;
            if (b == '"') {
                return text.toString();
            }
            text.append(escape());
            plain = at;
        }
        throw malformed("the end of a string");
    }

    private char escape() {
        if (at == end) {
            throw malformed("an escape");
        }
        byte b = bytes[at++];
        return switch (b) {
            case '"', '\\', '/' -> (char) b;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = at < end ? Character.digit(bytes[at], 16) : -1;
                    if (digit < 0) {
                        throw malformed("four hexadecimal digits");
                    }
                    code = code * 16 + digit;
                    at++;
                }
                yield (char) code;
            }
            default -> {
                at--;
                throw malformed("an escape");
            }
        };
    }

    /** Passes over a value of any kind. */
    void skip() {
        skip(DEEPEST);
    }

    private void skip(int depth) {
        if (depth == 0) {
            throw malformed("fewer nested values");
        }
        switch (next()) {
            case '{' -> {
                object();
                while (member() != null) {
                    skip(depth - 1);
                }
            }
            case '[' -> {
                array();
                while (item()) {
                    skip(depth - 1);
                }
            }
            case '"' -> string();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> skipNumber();
        }
    }

    /** Passes over a number, by the grammar of RFC 8259. */
    private void skipNumber() {
        int from = at;
        at += is('-') ? 1 : 0;
        boolean isNumber = is('0') ? at++ >= 0 : digits();
        if (is('.')) {
            at++;
            isNumber &= digits();
        }
        if (is('e') || is('E')) {
            at++;
            at += is('+') || is('-') ? 1 : 0;
            isNumber &= digits();
        }
        if (!isNumber) {
            at = from;
            throw malformed("a value");
        }
    }

    /** Passes over digits; false if there is none. */
    private boolean digits() {
        int from = at;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        return at > from;
    }

    private boolean is(char c) {
        return at < end && bytes[at] == c;
    }

    /** Whether a further text follows, in a line of its own. */
    boolean hasLine() {
        while (at < end && isSpace(bytes[at])) {
            at++;
        }
        return at < end;
    }

    /** Checks that nothing follows in the line. */
    void lineEnd() {
        while (at < end && bytes[at] != '\n' && isSpace(bytes[at])) {
            at++;
        }
        if (at < end && bytes[at] != '\n') {
            throw malformed("the end of the line");
        }
    }

    /** Checks that nothing follows. */
    void end() {
        while (at < end && isSpace(bytes[at])) {
            at++;
        }
        if (at != end) {
            throw malformed("the end");
        }
    }

    private void expect(char c) {
        if (next() != c) {
            throw malformed("'" + c + "'");
        }
        at++;
    }

    private void literal(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (at + i >= end || bytes[at + i] != text.charAt(i)) {
                throw malformed("true or false");
            }
        }
        at += text.length();
    }

    /** The next byte that is no space, without taking it. */
    private byte next() {
        while (at < end && isSpace(bytes[at])) {
            at++;
        }
        if (at == end) {
            throw malformed("more");
        }
        return bytes[at];
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private Malformed malformed(String expected) {
        String rest = new String(bytes, at, Math.min(SHOWN, end - at), StandardCharsets.UTF_8);
        return new Malformed("the agent's JSON has '" + rest + "' where " + expected + " is expected");
    }
}
