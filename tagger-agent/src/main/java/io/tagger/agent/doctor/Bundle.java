package io.tagger.agent.doctor;

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

    /** Settings and texts with such names are secrets; a file that holds a secret is none. */
    private static final Pattern SECRET = Pattern.compile(
            "(?i)(\"?[\\w.-]*(?:password|secret|token|apikey|api-key|api_key|authorization)[\\w.-]*\"?\\s*[:=]\\s*\"?(?:bearer )?)(?![/\\[{])[^\\s\"',}]+");

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
                : Pattern.compile("(?<![\\w.-])("
                        + hiddenTags.stream()
                                .map(name -> Pattern.quote(name).replace("*", "\\E[\\w.-]*\\Q"))
                                .collect(Collectors.joining("|"))
                        + "):(?!//)[^\\s,\\]\"]+");
    }

    /** Adds a text. */
    Bundle add(String name, String text) {
        texts.put(name, clean(text));
        return this;
    }

    /** A text without secrets. */
    String clean(String text) {
        String open = hidden.matcher(text).replaceAll("$1:" + BLACK);
        return SECRET.matcher(open).replaceAll("$1" + BLACK);
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
