package io.tagger.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The sources of all modules, without the folders in which other modules build meanwhile. */
final class Sources {
    private static final Path ROOT = Path.of("..");

    private Sources() {}

    /** The files below {@code src/main} of each module; the caller closes the stream. */
    static Stream<Path> ofTheModules() throws IOException {
        List<Path> modules;
        try (Stream<Path> folders = Files.list(ROOT)) {
            modules = folders.map(folder -> folder.resolve("src/main"))
                    .filter(Files::isDirectory)
                    .sorted()
                    .toList();
        }
        return modules.stream().flatMap(Sources::files);
    }

    private static Stream<Path> files(Path folder) {
        try {
            return Files.walk(folder).filter(Files::isRegularFile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
