package io.tagger.collectors.common;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The problems found in a collector's block of settings, so that all are reported at once. Not thread-safe. */
public final class SettingProblems {
    private final List<String> problems = new ArrayList<>();

    /** Begins without a problem. */
    public SettingProblems() {}

    /**
     * Reads a setting, and notes the problem if the setting is invalid.
     *
     * @param <T> the type of the value
     * @param reader reads the setting; throws an {@link IllegalArgumentException} with the full key for an invalid value
     * @param otherwise the value to go on with after a problem
     * @return the value
     */
    public <T> T read(Supplier<T> reader, T otherwise) {
        try {
            return reader.get();
        } catch (IllegalArgumentException e) {
            add(String.valueOf(e.getMessage()));
            return otherwise;
        }
    }

    /**
     * Notes a problem.
     *
     * @param problem the problem; a sentence with the full key
     */
    public void add(String problem) {
        problems.add(problem);
    }

    /**
     * Notes a problem if a named file is not there.
     *
     * @param key the full key of the setting with the name
     * @param file the name; empty for no file
     * @return the name
     */
    public String file(String key, String file) {
        if (!file.isEmpty() && !Files.exists(Path.of(file))) {
            add(key + " is '" + file + "', and there is no such file");
        }
        return file;
    }

    /**
     * Ends the reading.
     *
     * @throws IllegalArgumentException if there is a problem; the message has a line for each
     */
    public void throwIfAny() {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
    }
}
