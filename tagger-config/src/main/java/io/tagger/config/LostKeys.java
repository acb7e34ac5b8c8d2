package io.tagger.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigOriginFactory;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the keys of a map setting that HOCON drops without a word: of {@code com.acme = a, com.acme.team = b} only the
 * second is left, because its dots make {@code com.acme} a block. In quotes, both keys are kept.
 *
 * <p>The parser of the configuration does not tell of the first key any more, so the text itself is read here: the
 * assignments with their paths and lines, without a look at the values. Text that this reader does not understand is
 * skipped.
 */
final class LostKeys {
    /** An assignment of a value that is no block. */
    private record Assignment(List<String> path, int line) {
        /** Whether the assignment replaces a whole block, as {@code labels-as-tags = null} does. */
        boolean covers(List<String> block) {
            return path.size() <= block.size() && block.subList(0, path.size()).equals(path);
        }

        boolean isBelow(List<String> block) {
            return path.size() > block.size() && path.subList(0, block.size()).equals(block);
        }

        String below(List<String> block) {
            return String.join(".", path.subList(block.size(), path.size()));
        }
    }

    /** Deeper paths are no keys of a map. */
    private static final int DEEPEST = 100;

    private final String text;
    private final List<Assignment> assignments = new ArrayList<>();
    private int at;
    private int line = 1;

    private LostKeys(String text) {
        this.text = text;
    }

    /**
     * Finds the lost keys.
     *
     * @param text a configuration in HOCON
     * @param file the name of the text, for the messages
     * @param maps the paths of the settings whose keys are free
     * @return the problems, a sentence each
     */
    static List<String> find(String text, String file, List<List<String>> maps) {
        LostKeys reader = new LostKeys(text);
        try {
            reader.block(List.of());
        } catch (StackOverflowError e) {
            return List.of(); // the parser of the configuration reports blocks that are nested too deeply
        }
        List<String> problems = new ArrayList<>();
        for (List<String> map : maps) {
            reader.find(map, file, problems);
        }
        return problems;
    }

    /** Finds the lost keys of one map, in the order of the text; of each path, the last assignment counts. */
    private void find(List<String> map, String file, List<String> problems) {
        Map<List<String>, Assignment> byPath = new HashMap<>();
        Map<List<String>, Map<List<String>, Assignment>> below = new HashMap<>(); // by each path above, then by path
        for (Assignment later : assignments) {
            if (ConfigBounds.isEnough(problems)) {
                return;
            }
            if (later.covers(map)) {
                byPath.clear();
                below.clear();
            }
            if (!later.isBelow(map) || later.path.size() > DEEPEST) {
                continue;
            }
            List<Assignment> clashes =
                    new ArrayList<>(below.getOrDefault(later.path, Map.of()).values());
            for (int size = map.size() + 1; size < later.path.size(); size++) {
                List<String> above = later.path.subList(0, size);
                Assignment earlier = byPath.get(above);
                if (earlier != null) {
                    clashes.add(earlier);
                }
                below.computeIfAbsent(List.copyOf(above), path -> new LinkedHashMap<>())
                        .put(later.path, later);
            }
            byPath.put(later.path, later);
            for (Assignment earlier : clashes) {
                problems.add(String.join(".", map) + " at " + file + ":" + earlier.line + ": the key "
                        + earlier.below(map) + " is lost, because of " + later.below(map) + " in line "
                        + later.line + "; write keys with dots in quotes: \"" + earlier.below(map) + "\"");
            }
        }
    }

    /**
     * Reads the text of a configuration.
     *
     * @throws ConfigException if the text can't be read
     */
    static String read(URI file) {
        try (InputStream in = file.toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ConfigException.IO(ConfigOriginFactory.newSimple(file.toString()), e.toString(), e);
        }
    }

    /** Reads assignments up to the closing brace, or the end. */
    private void block(List<String> prefix) {
        while (true) {
            blank(true);
            while (peek() == ',') {
                next();
                blank(true);
            }
            if (peek() == 0) {
                return;
            }
            if (peek() == '}') {
                next();
                return;
            }
            List<String> path = new ArrayList<>(prefix);
            int begin = line;
            if (!key(path)) {
                at = text.length(); // not understood
                return;
            }
            value(path, begin);
        }
    }

    /** Reads a key, and the separator after it; false if there is none. */
    private boolean key(List<String> path) {
        StringBuilder part = new StringBuilder();
        boolean isQuoted = false;
        while (true) {
            char c = peek();
            if (c == '"') {
                next();
                while (peek() != '"' && peek() != 0) {
                    part.append(peek() == '\\' ? escaped() : next());
                }
                next();
                isQuoted = true;
            } else if (c == '.') {
                next();
                add(path, part, isQuoted);
                isQuoted = false;
            } else if (c == '{' || c == '=' || c == ':' || c == '+') {
                add(path, part, isQuoted);
                if (c == '+') {
                    next();
                }
                if (c != '{') {
                    next();
                    blank(true);
                }
                return true;
            } else if (c == 0 || c == '\n' || c == '}' || c == ',' || c == '[' || c == '#') {
                return part.toString().strip().startsWith("include"); // its value was in quotes, and is read already
            } else {
                part.append(next());
            }
        }
    }

    private static void add(List<String> path, StringBuilder part, boolean isQuoted) {
        path.add(isQuoted ? part.toString() : part.toString().strip());
        part.setLength(0);
    }

    private char escaped() {
        next();
        return next();
    }

    /** Reads a value up to the end of the line, a comma, or the end of the block. */
    private void value(List<String> path, int begin) {
        boolean isScalar = false;
        while (true) {
            blank(false);
            char c = peek();
            if (c == 0 || c == '\n' || c == ',' || c == '}') {
                if (isScalar) {
                    assignments.add(new Assignment(List.copyOf(path), begin));
                }
                return;
            }
            if (c == '{') {
                next();
                block(path);
            } else if (c == '[') {
                array();
                isScalar = true;
            } else if (c == '"') {
                string();
                isScalar = true;
            } else if (text.startsWith("${", at)) {
                while (peek() != '}' && peek() != 0) {
                    next();
                }
                next(); // of an unknown kind: perhaps a block
            } else {
                next();
                isScalar = true;
            }
        }
    }

    private void array() {
        int depth = 0;
        do {
            blank(true);
            char c = peek();
            if (c == '"') {
                string();
                continue;
            }
            depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
            if (c == 0) {
                return;
            }
            next();
        } while (depth > 0);
    }

    private void string() {
        if (text.startsWith("\"\"\"", at)) {
            int end = text.indexOf("\"\"\"", at + 3);
            int stop = end < 0 ? text.length() : end + 3;
            while (at < stop) {
                next();
            }
            return;
        }
        next();
        while (peek() != '"' && peek() != 0) {
            if (peek() == '\\') {
                next();
            }
            next();
        }
        next();
    }

    /** Skips blanks and comments. */
    private void blank(boolean lines) {
        while (true) {
            char c = peek();
            if (c == '#' || text.startsWith("//", at)) {
                while (peek() != '\n' && peek() != 0) {
                    next();
                }
            } else if (c != 0 && Character.isWhitespace(c) && (lines || c != '\n')) {
                next();
            } else {
                return;
            }
        }
    }

    /** The present character; 0 at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private char next() {
        char c = peek();
        if (c != 0) {
            at++;
            line += c == '\n' ? 1 : 0;
        }
        return c;
    }
}
