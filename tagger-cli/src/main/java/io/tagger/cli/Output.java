package io.tagger.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Text for a terminal. */
public final class Output {
    /** Marks of direction (Unicode Standard Annex 9), and separators of lines and paragraphs. */
    private static final String MARKS =
            "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029";

    private Output() {}

    /**
     * Makes any text fit for one line: a tag's value is an arbitrary label.
     *
     * @param text any text
     * @return the text, with control characters and marks of direction as escapes
     */
    public static String line(String text) {
        StringBuilder line = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (isHarmful(c)) {
                        line.append(escape(c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
        return line.toString();
    }

    /**
     * Writes a value as JSON, fit for a terminal.
     *
     * @param value a text, a number, a boolean, a list of values, or a map from texts to values
     * @return one line of JSON
     */
    public static String json(Object value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            write(json, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return json(text.toString());
    }

    private static void write(JsonGenerator json, Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (Map.Entry<?, ?> member : map.entrySet()) {
                json.writeFieldName(String.valueOf(member.getKey()));
                write(json, member.getValue());
            }
            json.writeEndObject();
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object item : list) {
                write(json, item);
            }
            json.writeEndArray();
        } else {
            json.writeObject(value);
        }
    }

    /**
     * Makes JSON fit for a terminal: the control characters that JSON leaves as they are, and marks of direction, become
     * escapes of JSON.
     *
     * @param json a JSON text
     * @return a JSON text of the same meaning
     */
    public static String json(String json) {
        StringBuilder safe = new StringBuilder(json.length());
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            safe.append(isHarmful(c) && c != '\n' ? escape(c) : String.valueOf(c));
        }
        return safe.toString();
    }

    /** Controls, C1 among them, and characters that reorder the text around them, such as U+202E. */
    private static boolean isHarmful(char c) {
        return Character.isISOControl(c) || MARKS.indexOf(c) >= 0;
    }

    private static String escape(char c) {
        return String.format("\\u%04x", (int) c);
    }

    /**
     * Formats rows as columns, each as wide as its widest cell; the last column is not padded.
     *
     * @param rows the cells
     * @return a line for each row
     */
    public static List<String> table(List<List<String>> rows) {
        List<Integer> widths = new ArrayList<>();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                if (i == widths.size()) {
                    widths.add(0);
                }
                widths.set(i, Math.max(widths.get(i), row.get(i).length()));
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                line.append(row.get(i))
                        .append(" ".repeat(widths.get(i) - row.get(i).length() + 2));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
