package io.tagger.client;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code tagger.conf} of a process, read when it is first asked. The file needs typesafe-config, and is of no
 * use without. Thread-safe.
 */
final class ConfigurationFile {
    static final Path SYSTEM_FILE = Path.of("/etc/tagger/tagger.conf");
    private static final String NAME = "tagger.conf";

    private final @Nullable Path path;
    private final @Nullable URL resource;
    private final boolean isNamed;
    private @Nullable Parsed parsed; // guarded by this

    /** The classes of the parser are loaded with this class alone. */
    private record Parsed(@Nullable Config config) {
        Optional<String> text(String key) {
            return config != null && config.hasPath(key) ? Optional.of(config.getString(key)) : Optional.empty();
        }

        Set<String> keys(String block) {
            return config != null && config.hasPath(block)
                    ? config.getConfig(block).root().keySet()
                    : Set.of();
        }
    }

    private ConfigurationFile(@Nullable Path path, @Nullable URL resource, boolean isNamed) {
        this.path = path;
        this.resource = resource;
        this.isNamed = isNamed;
    }

    /** A file that must exist. */
    static ConfigurationFile of(Path path) {
        return new ConfigurationFile(path, null, true);
    }

    /** The file of this process, which may be missing. */
    static ConfigurationFile ofProcess() {
        String named = System.getProperty(NAME, System.getenv().getOrDefault("TAGGER_CONF", ""));
        if (!named.isEmpty()) {
            return of(Path.of(named));
        }
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        URL found = (context == null ? ConfigurationFile.class.getClassLoader() : context).getResource(NAME);
        return found != null
                ? new ConfigurationFile(null, found, false)
                : new ConfigurationFile(SYSTEM_FILE, null, false);
    }

    /** A text of the file; empty without the file, the parser, or the key. */
    synchronized Optional<String> get(String key) {
        Parsed all = parsed();
        try {
            return all == null ? Optional.empty() : all.text(key);
        } catch (ConfigException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** The keys of a block. */
    synchronized Set<String> keys(String block) {
        Parsed all = parsed();
        try {
            return all == null ? Set.of() : all.keys(block);
        } catch (ConfigException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** The file's content; null without the file, the parser, or any setting of use here. */
    private @Nullable Parsed parsed() {
        if (parsed == null) {
            Optional<String> text = read();
            if (text.isEmpty() || !mayName(text.get())) {
                parsed = null;
                return null;
            }
            if (!hasParser()) {
                Log.info("{0} is not read: typesafe-config is not on the class path", this);
                return null;
            }
            parsed = new Parsed(parse(text.get()));
        }
        return parsed;
    }

    /**
     * Whether a text may set anything that a client reads. Only such a text is worth the parser, which costs a command
     * as much as all the rest.
     */
    private static boolean mayName(String text) {
        return text.contains("client") || text.contains("socket") || text.contains("include") || text.contains("\\u");
    }

    private Optional<String> read() {
        try {
            if (resource != null) {
                try (InputStream in = resource.openStream()) {
                    return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
                }
            }
            if (path == null || !isNamed && !Files.isReadable(path)) {
                return Optional.empty();
            }
            return Optional.of(Files.readString(path));
        } catch (IOException e) {
            throw new IllegalStateException(this + ": the file does not exist, or can't be read: " + e, e);
        }
    }

    private static boolean hasParser() {
        try {
            Class.forName("com.typesafe.config.ConfigFactory", false, ConfigurationFile.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private Config parse(String text) {
        try {
            ConfigParseOptions options = ConfigParseOptions.defaults().setOriginDescription(toString());
            Config config = path != null && Files.isRegularFile(path)
                    ? ConfigFactory.parseFile(path.toFile(), options.setOriginDescription(null))
                    : ConfigFactory.parseString(text, options);
            return config.resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true));
        } catch (ConfigException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return String.valueOf(resource == null ? path : resource);
    }
}
