package io.tagger.client;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A configuration file, read by typesafe-config. The only class with a dependency on the parser. Immutable. */
final class HoconFile implements ConfigurationFile.Parsed {
    private final Config config;

    private HoconFile(Config config) {
        this.config = config;
    }

    /**
     * Parses a file.
     *
     * @param path the file, for includes beside it; null for a text from elsewhere
     * @param text the file's text, for a file that can be read only once
     * @param name the name of the file, for errors
     * @throws IllegalStateException if the text is no HOCON; the message has the place
     */
    static HoconFile parse(@Nullable Path path, String text, String name) {
        try {
            Config parsed = path != null && Files.isRegularFile(path)
                    ? ConfigFactory.parseFile(path.toFile())
                    : ConfigFactory.parseString(
                            text, ConfigParseOptions.defaults().setOriginDescription(name));
            return new HoconFile(parsed.resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true)));
        } catch (ConfigException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Override
    public Optional<String> text(String key) {
        try {
            return config.hasPath(key) ? Optional.of(config.getString(key)) : Optional.empty();
        } catch (ConfigException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Override
    public Set<String> keys(String block) {
        try {
            return config.hasPath(block) ? config.getConfig(block).root().keySet() : Set.of();
        } catch (ConfigException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }
}
