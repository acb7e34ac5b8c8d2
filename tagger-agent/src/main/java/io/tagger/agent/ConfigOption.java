package io.tagger.agent;

import io.tagger.config.ConfigLayers;
import io.tagger.runtime.TaggerSetup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option {@code -c}, and the configuration of the agent's commands. */
final class ConfigOption {
    /** Set by the launcher: the folder of the distribution with the plugin folders. */
    static final String PLUGINS = "tagger.launcher.plugins";

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration file. Default: $TAGGER_CONF, else /etc/tagger/tagger.conf.")
    private Optional<Path> file = Optional.empty();

    /** For picocli. */
    ConfigOption() {}

    /** The layers of the configuration, before any collector is known. */
    ConfigLayers layers() {
        return ConfigLayers.ofProcess(file);
    }

    /**
     * The collectors of the class path, and of the folder named by the launcher.
     *
     * @param layers say whether folders that others may write are used
     */
    static TaggerSetup setup(ConfigLayers layers) {
        TaggerSetup setup = new TaggerSetup()
                .trust(layers)
                .classPath(ConfigOption.class.getClassLoader())
                .check(config -> ServerSettings.of(config, Path.of(config.text("ipc.socket"))));
        String plugins = System.getProperty(PLUGINS, "");
        return plugins.isEmpty() || !Files.isDirectory(Path.of(plugins)) ? setup : setup.plugins(Path.of(plugins));
    }
}
