package io.tagger.runtime;

import io.tagger.api.Tagger;
import io.tagger.api.TaggerProvider;
import io.tagger.runtime.config.TaggerConfig;
import java.util.Optional;

/** Makes the {@link io.tagger.api.DefaultTagger} of a process that collects by itself: all collectors of the class path. */
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
        String mode =
                builder().configure(TaggerConfig.ofProcess().fileOfProcess()).text("mode");
        return mode.equals("auto") ? Optional.empty() : Optional.of(mode);
    }

    @Override
    public Tagger open() {
        LocalTagger.Builder builder = builder();
        builder.configure(TaggerConfig.ofProcess().fileOfProcess());
        return builder.build();
    }

    private static LocalTagger.Builder builder() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return LocalTagger.builder().classPath(context == null ? LocalTaggerProvider.class.getClassLoader() : context);
    }
}
