package io.tagger.runtime;

import io.tagger.api.Tagger;
import io.tagger.api.TaggerProvider;
import io.tagger.config.ConfigLayers;
import java.util.Optional;

/** Opens the {@link io.tagger.api.DefaultTagger} of a process in local mode, with all collectors of the class path. */
public final class LocalTaggerProvider implements TaggerProvider {
    static final String MODE = "local";

    /** For the ServiceLoader. */
    public LocalTaggerProvider() {}

    @Override
    public String mode() {
        return MODE;
    }

    @Override
    public Optional<String> configuredMode() {
        return ConfigLayers.ofProcess().fileOfProcess().peek("mode").filter(mode -> !mode.equals("auto"));
    }

    @Override
    public Tagger open() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return LocalTagger.builder()
                .classPath(context == null ? LocalTaggerProvider.class.getClassLoader() : context)
                .configure(ConfigLayers.ofProcess().fileOfProcess().sharedWithAgent())
                .build();
    }
}
