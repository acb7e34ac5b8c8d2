package io.tagger.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The one tagger that a process shares.
 *
 * <p>Call {@link #init()} once, when the configuration is ready; from then on {@link #tag(EntityId, Cardinality)} is there for everybody.
 * Thread-safe.
 */
public final class DefaultTagger {
    private static volatile Tagger shared; // null before init and after close

    private DefaultTagger() {}

    /**
     * Makes the tagger of the {@link TaggerProvider} on the class path and shares it. Where there are several providers, the mode that the
     * system property {@code tagger.mode}, the environment's {@code TAGGER_MODE} or the configuration's {@code tagger.mode} names is taken,
     * in this order, and {@code local} otherwise. If a tagger is shared already, nothing happens.
     *
     * @return the shared tagger
     * @throws IllegalStateException if there is no provider, none of the mode that was asked for, or it can't make a tagger
     */
    public static Tagger init() {
        if (shared == null) {
            synchronized (DefaultTagger.class) {
                if (shared == null) {
                    shared = Objects.requireNonNull(provider().open(), "the provider's tagger");
                }
            }
        }
        return shared;
    }

    /**
     * Shares a tagger that the caller made, for agents that configure their own and for tests. If one is shared already, nothing happens:
     * the caller keeps its own.
     *
     * @param tagger the tagger
     * @return the shared tagger, which is the given one or the one that came first
     */
    public static Tagger init(Tagger tagger) {
        Objects.requireNonNull(tagger, "tagger");
        synchronized (DefaultTagger.class) {
            if (shared == null) {
                shared = tagger;
            }
            return shared;
        }
    }

    /**
     * The shared tagger.
     *
     * @return it
     * @throws IllegalStateException before {@link #init()}
     */
    public static Tagger get() {
        Tagger tagger = shared;
        if (tagger == null) {
            throw new IllegalStateException(
                    "there is no default tagger yet: call DefaultTagger.init() once, when the configuration is ready");
        }
        return tagger;
    }

    /**
     * Asks the shared tagger.
     *
     * @param entity the entity
     * @param cardinality the level
     * @return as {@link Tagger#tag(EntityId, Cardinality)}
     * @throws IllegalStateException before {@link #init()}
     */
    public static List<String> tag(EntityId entity, Cardinality cardinality) {
        return get().tag(entity, cardinality);
    }

    /**
     * Asks the shared tagger.
     *
     * @param entity the entity, {@code prefix://id}
     * @param cardinality the level
     * @return as {@link Tagger#tag(String, Cardinality)}
     * @throws IllegalStateException before {@link #init()}
     * @throws IllegalArgumentException if the text is no entity id
     */
    public static List<String> tag(String entity, Cardinality cardinality) {
        return get().tag(entity, cardinality);
    }

    /** Closes the shared tagger and forgets it; {@link #init()} may be called again. Without one it does nothing. */
    public static void close() {
        synchronized (DefaultTagger.class) {
            if (shared != null) {
                shared.close();
                shared = null;
            }
        }
    }

    private static TaggerProvider provider() {
        List<TaggerProvider> providers = new ArrayList<>();
        ServiceLoader.load(TaggerProvider.class, loader()).forEach(providers::add);
        if (providers.isEmpty()) {
            throw new IllegalStateException(
                    "no TaggerProvider on the class path: add tagger-runtime to collect tags in this process, or"
                            + " tagger-ipc-client to ask the node's agent");
        }
        Optional<String> wanted = configuredMode(providers).filter(mode -> !mode.equals("auto"));
        if (wanted.isEmpty() && providers.size() == 1) {
            return providers.get(0);
        }
        String mode = wanted.orElse("local");
        return providers.stream()
                .filter(provider -> provider.mode().equals(mode))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("tagger.mode is '" + mode
                        + "', and the class path has only "
                        + providers.stream().map(TaggerProvider::mode).sorted().toList()));
    }

    private static Optional<String> configuredMode(List<TaggerProvider> providers) {
        return Optional.ofNullable(System.getProperty("tagger.mode"))
                .or(() -> Optional.ofNullable(System.getenv("TAGGER_MODE")))
                .or(() -> providers.size() == 1
                        ? Optional.empty()
                        : providers.stream()
                                .flatMap(provider -> provider.configuredMode().stream())
                                .findFirst());
    }

    private static ClassLoader loader() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return context == null ? DefaultTagger.class.getClassLoader() : context;
    }
}
