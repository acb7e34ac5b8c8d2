package io.tagger.agent;

import io.tagger.runtime.LocalTagger;
import io.tagger.runtime.config.TaggerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code -c}, and what is configured. */
final class ConfigOption {
    /** Set by the launcher: the folder of the distribution in which plugin folders lie. */
    static final String PLUGINS = "tagger.launcher.plugins";

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration; else the file that TAGGER_CONF names, else /etc/tagger/tagger.conf.")
    private Optional<Path> file = Optional.empty();

    /** For picocli. */
    ConfigOption() {}

    /** The configuration for a tagger with these collectors. */
    TaggerConfig load(LocalTagger.Builder collectors) {
        return collectors.configure(layers());
    }

    /** What is configured, before any collector is known. */
    TaggerConfig.Builder layers() {
        TaggerConfig.Builder layers = TaggerConfig.ofProcess();
        file.ifPresentOrElse(layers::file, layers::fileOfProcess);
        return layers;
    }

    /** The collectors of the class path, and of the folder that the launcher names. */
    static LocalTagger.Builder collectors() {
        LocalTagger.Builder collectors = LocalTagger.builder().classPath(ConfigOption.class.getClassLoader());
        String plugins = System.getProperty(PLUGINS, "");
        return plugins.isEmpty() || !Files.isDirectory(Path.of(plugins))
                ? collectors
                : collectors.plugins(Path.of(plugins));
    }
}
