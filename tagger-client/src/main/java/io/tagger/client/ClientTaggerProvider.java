package io.tagger.client;

import io.tagger.api.Tagger;
import io.tagger.api.TaggerProvider;
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
        return ClientTagger.connect(ClientSettings.ofProcess(Optional.empty()));
    }
}
