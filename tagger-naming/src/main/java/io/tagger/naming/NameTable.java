package io.tagger.naming;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/**
 * The attribute of each tag name. A tag without a row keeps its own name, below the prefix of the table.
 *
 * <p>Immutable and thread-safe.
 */
public final class NameTable {
    /** The version of OpenTelemetry's semantic conventions in {@link #openTelemetry}. */
    public static final String CONVENTIONS = "1.44.0";

    private static final String FILE = "opentelemetry-1.44.properties";
    private static final String ARRAY = "[]";

    private final Map<String, Attribute> rows;
    private final String prefix;

    /**
     * The attribute of a tag name.
     *
     * @param name the attribute; empty for a tag that is left out
     * @param isArray whether the attribute has all values of the tag
     */
    public record Attribute(String name, boolean isArray) {
        /** The attribute of a tag that is left out. */
        static final Attribute NONE = new Attribute("", false);

        /**
         * Checks the values.
         *
         * @throws NullPointerException if the name is null
         */
        public Attribute {
            Objects.requireNonNull(name, "name");
        }

        private static Attribute parse(String text) {
            String name = text.strip();
            return name.endsWith(ARRAY)
                    ? new Attribute(name.substring(0, name.length() - ARRAY.length()), true)
                    : new Attribute(name, false);
        }

        /** Whether the tag is left out. */
        boolean isNone() {
            return name.isEmpty();
        }
    }

    private NameTable(Map<String, Attribute> rows, String prefix) {
        this.rows = Map.copyOf(rows);
        this.prefix = prefix;
    }

    /**
     * The names of OpenTelemetry's semantic conventions, {@value #CONVENTIONS}.
     *
     * @return the table
     */
    public static NameTable openTelemetry() {
        Properties file = new Properties();
        try (InputStream in = NameTable.class.getResourceAsStream(FILE);
                Reader reader = new InputStreamReader(Objects.requireNonNull(in, FILE), StandardCharsets.UTF_8)) {
            file.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a broken jar
        }
        NameTable empty = new NameTable(Map.of(), "");
        Map<String, String> rows = new HashMap<>();
        file.stringPropertyNames().forEach(tag -> rows.put(tag, file.getProperty(tag)));
        return empty.with(rows);
    }

    /**
     * A table with further rows, which replace rows of the same tags.
     *
     * @param further tag name to attribute: {@code name} for one value, {@code name[]} for all values, empty for a tag
     *     that is left out
     * @return the table
     * @throws IllegalArgumentException if a tag name is blank, or an attribute is {@code []} alone; the message names the row
     */
    public NameTable with(Map<String, String> further) {
        Map<String, Attribute> all = new HashMap<>(rows);
        further.forEach((tag, text) -> {
            Attribute attribute = Attribute.parse(text);
            if (tag.isBlank() || attribute.isNone() && attribute.isArray()) {
                throw new IllegalArgumentException("the row '" + tag + " = " + text
                        + "' must have a tag name and an attribute, an attribute followed by '[]', or nothing");
            }
            all.put(tag, attribute);
        });
        return new NameTable(all, prefix);
    }

    /**
     * A table with another prefix.
     *
     * @param other the prefix of tags without a row, for instance {@code tagger.}; may be empty
     * @return the table
     */
    public NameTable withPrefix(String other) {
        return new NameTable(rows, Objects.requireNonNull(other, "other"));
    }

    /** Whether a row gives an attribute of this name all values. */
    boolean isArray(String attribute) {
        return rows.containsValue(new Attribute(attribute, true));
    }

    /**
     * The attribute of a tag.
     *
     * @param tag a tag name
     * @return the attribute of the row, or the tag's own name below the prefix
     */
    public Attribute attribute(String tag) {
        Attribute row = rows.get(tag);
        return row == null ? new Attribute(prefix + tag, false) : row;
    }
}
