package io.tagger.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The configuration file of this process, as {@link ConfigLayers#fileOfProcess} finds the file. */
public final class ProcessFile {
    private static final String VARIABLE = "TAGGER_CONF";

    private ProcessFile() {}

    /** The file named by the system property or the environment. */
    static Optional<Path> named() {
        String named =
                System.getProperty(ConfigLayers.FILE_PROPERTY, System.getenv().getOrDefault(VARIABLE, ""));
        return named.isEmpty() ? Optional.empty() : Optional.of(Path.of(named));
    }

    /**
     * Finds the file.
     *
     * @return the named file, else the system's file if readable; empty for none, or for a file of the class path
     */
    public static Optional<Path> find() {
        return named().or(() ->
                Files.isReadable(ConfigLayers.SYSTEM_FILE) ? Optional.of(ConfigLayers.SYSTEM_FILE) : Optional.empty());
    }
}
