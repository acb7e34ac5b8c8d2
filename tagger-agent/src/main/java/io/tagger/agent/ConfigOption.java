package io.tagger.agent;

import io.tagger.config.ConfigLayers;
import io.tagger.config.ProcessFile;
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

    /** The configuration file; empty for none. */
    Optional<Path> file() {
        return file.or(ProcessFile::find);
    }

    /** Reads the configuration, with the collectors of a start. */
    Loaded load() {
        return load(new TaggerSetup());
    }

    /**
     * Reads the configuration again.
     *
     * @param present the setup in use, whose unchanged plugin folders are used again
     */
    Loaded load(TaggerSetup present) {
        ConfigLayers layers = layers();
        TaggerSetup setup = setup(layers, new TaggerSetup().reusing(present));
        return new Loaded(setup, setup.configure(layers));
    }

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
        return setup(layers, new TaggerSetup());
    }

    private static TaggerSetup setup(ConfigLayers layers, TaggerSetup empty) {
        TaggerSetup setup = empty.trust(layers)
                .classPath(ConfigOption.class.getClassLoader())
                .check(config -> ServerSettings.of(config, Path.of(config.text("ipc.socket"))))
                .check(ServerSettings::datadog)
                .check(AgentLog::check)
                .check(config -> config.flag("config.watch"))
                .check(config -> config.duration("config.watch-interval"));
        String plugins = System.getProperty(PLUGINS, "");
        return plugins.isEmpty() || !Files.isDirectory(Path.of(plugins)) ? setup : setup.plugins(Path.of(plugins));
    }
}
