package io.tagger.agent.doctor;

import io.tagger.config.TaggerConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The archive for a report: named texts, in which secrets and the values of tags from environment variables are blacked
 * out. Not thread-safe.
 */
final class Bundle {
    private static final String BLACK = "\u2588\u2588\u2588";

    /** Such names are of secrets; the name of a file that holds a secret is none. */
    private static final String WORD =
            "(?:password|passwd|secret|token|apikey|api-key|api_key|authorization|credential)";

    private static final String NAME = "[\\w.-]*" + WORD + "(?!(?:[\\w.-]*[._-])?(?:file|path)(?![\\w.-]))[\\w.-]*";

    private static final Pattern SECRET_KEY =
            Pattern.compile("(?i).*" + WORD + "(?!(?:.*[._-])?(?:file|path)\"?$).*", Pattern.DOTALL);

    /**
     * A secret in quotes ends with the quotes. Any other secret may have spaces and commas: it ends with the line. All loops are
     * possessive: texts are long, and the stack is small.
     */
    private static final Pattern SECRET = Pattern.compile("(?i)(?<![\\w.-])(\\\\*[\"']?" + NAME
            + "\\\\*[\"']?\\s*[:=]\\s*)(?:\"(?:[^\"\\\\\r\n]++|\\\\.)*+\"|'[^'\r\n]*+'|\\S.*)");

    /** A report at the level debug: by the rules of its time, which nobody knows any more. */
    private static final Pattern REPORT = Pattern.compile("(says of \\S+:).*");

    private static final Pattern USER = Pattern.compile("(://)[^/@\\s]++@");

    private final Map<String, String> texts = new LinkedHashMap<>();
    private final Pattern hidden;

    /**
     * Begins an archive.
     *
     * @param hiddenTags the names or globs of tags whose values are blacked out
     */
    Bundle(Collection<String> hiddenTags) {
        hidden = hiddenTags.isEmpty()
                ? Pattern.compile("(?!)") // no match
                : Pattern.compile("(?i)(?<![\\w.-])("
                        + hiddenTags.stream()
                                .map(name -> Pattern.quote(name).replace("*", "\\E[^:\\s]*\\Q"))
                                .collect(Collectors.joining("|"))
                        + "):.*");
    }

    /** Adds a text, cleaned. */
    Bundle add(String name, String text) {
        texts.put(name, clean(text));
        return this;
    }

    /** Adds settings, one a line with its origin; nothing if there are none. */
    void addSettings(String name, Map<String, TaggerConfig.Setting> settings) {
        if (!settings.isEmpty()) {
            add(
                    name,
                    settings.entrySet().stream()
                            .map(one -> one.getKey() + " = "
                                    + clean(one.getKey(), one.getValue().value()) + "  # "
                                    + one.getValue().origin())
                            .collect(Collectors.joining("\n")));
        }
    }

    /** A text without secrets: a hidden tag, and a secret without quotes, take the rest of their line with them. */
    String clean(String text) {
        String open = REPORT.matcher(text).replaceAll("$1 " + BLACK);
        open = hidden.matcher(open).replaceAll("$1:" + BLACK);
        open = USER.matcher(open).replaceAll("$1" + BLACK + "@");
        return SECRET.matcher(open).replaceAll("$1" + BLACK);
    }

    /** The value of a setting; black if a part of the setting's name is of a secret. */
    String clean(String key, String value) {
        return SECRET_KEY.matcher(key).matches() ? BLACK : clean(value);
    }

    /** Writes the archive, readable by this user alone. */
    void write(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
            for (Map.Entry<String, String> text : texts.entrySet()) {
                zip.putNextEntry(new ZipEntry("tagger/" + text.getKey()));
                zip.write(text.getValue().getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
    }
}
