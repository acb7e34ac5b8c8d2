package io.tagger.agent;

import io.tagger.config.ConfigLayers;
import io.tagger.config.TaggerConfig;
import io.tagger.runtime.TaggerSetup;
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
    TaggerConfig load(TaggerSetup setup) {
        return setup.configure(layers());
    }

    /** What is configured, before any collector is known. */
    ConfigLayers layers() {
        ConfigLayers layers = ConfigLayers.ofProcess();
        file.ifPresentOrElse(layers::file, layers::fileOfProcess);
        return layers;
    }

    /** The collectors of the class path, and of the folder that the launcher names. */
    static TaggerSetup setup() {
        TaggerSetup setup = new TaggerSetup().classPath(ConfigOption.class.getClassLoader());
        String plugins = System.getProperty(PLUGINS, "");
        return plugins.isEmpty() || !Files.isDirectory(Path.of(plugins)) ? setup : setup.plugins(Path.of(plugins));
    }
}
