package io.tagger.client;

import io.tagger.api.Tagger;
import io.tagger.api.TaggerProvider;
import io.tagger.api.collector.Backoff;
import java.time.Duration;
import java.util.Optional;

/**
 * Opens the {@link io.tagger.api.DefaultTagger} of a process in client mode. {@link ProcessSettings} has the places of
 * the settings. A missing agent is no error: the tagger answers as soon as there is one.
 */
public final class ClientTaggerProvider implements TaggerProvider {
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

    /** The settings of this process. */
    static ClientSettings settings() {
        ProcessSettings settings = ProcessSettings.ofProcess(Optional.empty()).checked();
        ClientSettings defaults =
                ClientSettings.of(AgentAddress.find(Optional.empty(), AgentAddress.TcpFiles.OF_SETTINGS, settings));
        return new ClientSettings(
                defaults.endpoint(),
                settings.duration("deadline", defaults.deadline()),
                settings.duration("ask-again", defaults.askAgain()),
                settings.duration("check-interval", defaults.check()),
                backoff(
                        settings.duration("retry-min", defaults.retry().first()),
                        settings.duration("retry-max", defaults.retry().longest())));
    }

    private static Backoff backoff(Duration shortest, Duration longest) {
        try {
            return new Backoff(shortest, longest);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "tagger.client.retry-min and tagger.client.retry-max: " + e.getMessage(), e);
        }
    }
}
