package io.tagger.client;

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
 * The file {@code tagger.conf} of a process, read when it is first asked. Without typesafe-config the file is not read. Thread-safe.
 */
final class ConfigurationFile {
    static final Path SYSTEM_FILE = Path.of("/etc/tagger/tagger.conf");
    private static final String NAME = "tagger.conf";

    private final @Nullable Path path;
    private final @Nullable URL resource;
    private final boolean isNamed;
    private boolean isRead; // guarded by this
    private @Nullable Parsed parsed; // guarded by this

    /** The content of a file. */
    interface Parsed {
        /** The text of a key; empty without the key. */
        Optional<String> text(String key);

        /** The keys of a block; empty without the block. */
        Set<String> keys(String block);
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
        return all == null ? Optional.empty() : all.text(key);
    }

    /** The keys of a block. */
    synchronized Set<String> keys(String block) {
        Parsed all = parsed();
        return all == null ? Set.of() : all.keys(block);
    }

    /** The file's content; null without the file, the parser, or any setting of use here. */
    private @Nullable Parsed parsed() {
        if (!isRead) {
            isRead = true;
            Optional<String> text = read();
            if (text.isPresent() && mayName(text.get())) {
                if (hasParser()) {
                    parsed = HoconFile.parse(path, text.get(), toString());
                } else {
                    Log.info("{0} is not read: typesafe-config is not on the class path", this);
                }
            }
        }
        return parsed;
    }

    /**
     * Whether a text may have a setting of the client. Only then is the parser loaded: the parser costs a command as much as
     * the rest of the start.
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

    @Override
    public String toString() {
        return String.valueOf(resource == null ? path : resource);
    }
}
