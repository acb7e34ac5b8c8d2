package io.tagger.ipc.client;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.tagger.api.Tagger;
import io.tagger.api.TaggerProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Makes the {@link io.tagger.api.DefaultTagger} of a process that asks the node's agent. It takes its settings, {@code tagger.client}, from
 * system properties, the environment ({@code TAGGER_CLIENT_AGENT}), the file that {@code tagger.conf} or {@code TAGGER_CONF} names, or
 * {@code /etc/tagger/tagger.conf}, in this order. The file is the agent's as well; what is not the client's is left alone.
 */
public final class ClientTaggerProvider implements TaggerProvider {
    private static final Path SYSTEM_FILE = Path.of("/etc/tagger/tagger.conf");
    private static final String BLOCK = "tagger.client";

    /** For the ServiceLoader. */
    public ClientTaggerProvider() {}

    @Override
    public String mode() {
        return ClientTagger.MODE;
    }

    @Override
    public Tagger open() {
        return ClientTagger.connect(settings());
    }

    /** What the configuration of this process says. */
    static ClientSettings settings() {
        Map<String, String> environment = System.getenv();
        String named = System.getProperty("tagger.conf", environment.getOrDefault("TAGGER_CONF", ""));
        Path file = named.isEmpty() ? SYSTEM_FILE : Path.of(named);
        if (!named.isEmpty() && !Files.isReadable(file)) {
            throw new IllegalStateException("the configuration " + file + " can't be read");
        }
        ClassLoader loader = ClientTaggerProvider.class.getClassLoader();
        Config reference =
                ConfigFactory.parseResources(loader, "reference.conf").withOnlyPath(BLOCK);
        try {
            Config config = ConfigFactory.parseProperties(System.getProperties())
                    .withFallback(environment(reference, environment))
                    .withFallback(
                            Files.isReadable(file) ? ConfigFactory.parseFile(file.toFile()) : ConfigFactory.empty())
                    .withFallback(reference);
            Config block = (config.hasPath(BLOCK) ? config.withOnlyPath(BLOCK) : reference)
                    .resolve()
                    .getConfig(BLOCK);
            block.entrySet().forEach(entry -> {
                if (!reference.getConfig(BLOCK).hasPath(entry.getKey())) {
                    throw new IllegalArgumentException(entry.getValue().origin().description()
                            + ": there is no setting " + BLOCK + "." + entry.getKey());
                }
            });
            return settings(block, environment);
        } catch (ConfigException | IllegalArgumentException e) {
            throw new IllegalStateException("the configuration of the client is not valid: " + e.getMessage(), e);
        }
    }

    private static Config environment(Config reference, Map<String, String> environment) {
        Map<String, String> values = new HashMap<>();
        reference.entrySet().forEach(entry -> {
            String name =
                    entry.getKey().toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
            if (environment.containsKey(name)) {
                values.put(entry.getKey(), environment.get(name));
            }
        });
        return ConfigFactory.parseMap(values, "the environment");
    }

    private static ClientSettings settings(Config block, Map<String, String> environment) {
        return new ClientSettings(
                Endpoint.parse(
                        block.getString("agent"),
                        block.getString("authority"),
                        block.getString("token-file"),
                        environment),
                block.getDuration("deadline"),
                block.getDuration("ask-again"),
                block.getDuration("check-interval"),
                block.getDuration("retry-min"),
                block.getDuration("retry-max"));
    }
}
