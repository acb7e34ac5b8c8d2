package io.tagger.ipc.client;

import io.tagger.api.Tagger;
import io.tagger.api.TaggerProvider;
import io.tagger.config.ConfigLayers;
import io.tagger.config.InvalidConfigurationException;
import io.tagger.config.TaggerConfig;
import java.util.List;
import java.util.Optional;

/**
 * Opens the {@link io.tagger.api.DefaultTagger} of a process in client mode. The block {@code tagger.client} has the
 * settings; {@link ConfigLayers} describes the layers. The agent's own file works too: keys of other blocks are
 * ignored.
 */
public final class ClientTaggerProvider implements TaggerProvider {
    private static final String BLOCK = "client";

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

    /** The settings in the configuration of this process. */
    static ClientSettings settings() {
        TaggerConfig config =
                ConfigLayers.ofProcess().fileOfProcess().only(BLOCK).build();
        try {
            Endpoint endpoint = AgentAddress.find(
                    Optional.empty(),
                    AgentAddress.TcpFiles.OF_SETTINGS,
                    ConfigLayers.ofProcess().fileOfProcess(),
                    System.getenv());
            return new ClientSettings(
                    endpoint,
                    config.duration("client.deadline"),
                    config.duration("client.ask-again"),
                    config.duration("client.check-interval"),
                    config.backoff("client"));
        } catch (InvalidConfigurationException e) {
            throw new InvalidConfigurationException(
                    e.problems().stream().map(config::located).toList());
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationException(List.of("tagger.client: " + e.getMessage()));
        }
    }
}
