package io.tagger.agent;

import io.tagger.runtime.LocalTagger;
import io.tagger.runtime.config.TaggerConfig;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code -c}, and what is configured. */
final class ConfigOption {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration; else the file that TAGGER_CONF names, else /etc/tagger/tagger.conf.")
    private Optional<Path> file = Optional.empty();

    /** For picocli. */
    ConfigOption() {}

    /** The configuration for a tagger with these collectors. */
    TaggerConfig load(LocalTagger.Builder collectors) {
        TaggerConfig.Builder builder = collectors.configuration();
        file.ifPresentOrElse(builder::file, builder::fileOfProcess);
        return builder.build();
    }

    static LocalTagger.Builder collectors() {
        return LocalTagger.builder().classPath(ConfigOption.class.getClassLoader());
    }
}
