package io.tagger.api;

import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * The tagger shared by a process.
 *
 * <p>Call {@link #init()} once, when the configuration is ready; from then on all code of the process can call {@link
 * #tag(EntityId, Cardinality)}. Thread-safe.
 */
public final class DefaultTagger {
    /** The folder with tagger-client in the jar of the Java agent, which sets this property before the main class runs. */
    private static final String JAVA_AGENT = "tagger.javaagent.client";

    private static volatile Tagger shared; // null before init and after close
    private static boolean isClosed; // guarded by the class

    private DefaultTagger() {}

    /**
     * Opens and shares the tagger of the {@link TaggerProvider} on the class path. With several providers, the mode
     * comes from the system property {@code tagger.mode}, else from the environment's {@code TAGGER_MODE}, else from
     * the configuration's {@code tagger.mode}, else it is {@code local}. Without a provider on the class path, the
     * provider is the client that {@code -javaagent:tagger-javaagent.jar} brings. A call after the first has no effect.
     *
     * @return the shared tagger
     * @throws IllegalStateException if there is no provider, no provider of the chosen mode, or the provider can't open
     *     a tagger
     */
    public static Tagger init() {
        if (shared == null) {
            synchronized (DefaultTagger.class) {
                if (shared == null) {
                    shared = open();
                }
            }
        }
        return shared;
    }

    /**
     * Shares a tagger made by the caller: for agents with a configuration of their own, and for tests. If the process
     * shares a tagger already, the call has no effect and the caller keeps the given tagger.
     *
     * @param tagger the tagger
     * @return the shared tagger: the given tagger, or the earlier tagger
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
     * The shared tagger. In a JVM with {@code -javaagent:tagger-javaagent.jar}, the first call opens the tagger as {@link
     * #init()} does.
     *
     * @return the shared tagger
     * @throws IllegalStateException before {@link #init()}
     */
    public static Tagger get() {
        Tagger tagger = shared;
        return tagger == null ? first() : tagger;
    }

    private static Tagger first() {
        synchronized (DefaultTagger.class) {
            if (shared == null && !isClosed && System.getProperty(JAVA_AGENT) != null) {
                return init();
            }
        }
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

    /**
     * Closes the shared tagger, so that {@link #init()} may open a new tagger. Has no effect if no tagger is shared.
     */
    public static void close() {
        synchronized (DefaultTagger.class) {
            if (shared != null) {
                shared.close();
                shared = null;
                isClosed = true;
            }
        }
    }

    /** A part of the tagger that can't be loaded is a failure of this call, and no error of the whole process. */
    private static Tagger open() {
        try {
            return Objects.requireNonNull(provider().open(), "the provider's tagger");
        } catch (ServiceConfigurationError | LinkageError e) {
            throw new IllegalStateException(
                    "the tagger can't be opened: " + e + "; a jar is missing on the class path, or has another version"
                            + " than the tagger was built with",
                    e);
        }
    }

    private static TaggerProvider provider() {
        List<TaggerProvider> providers = providers();
        String wanted = configuredMode(providers);
        if (wanted.isEmpty() && providers.size() == 1) {
            return providers.get(0);
        }
        String mode = wanted.isEmpty() ? "local" : wanted;
        List<String> modes = new ArrayList<>();
        for (TaggerProvider provider : providers) {
            if (provider.mode().equals(mode)) {
                return provider;
            }
            modes.add(provider.mode());
        }
        Collections.sort(modes);
        throw new IllegalStateException("tagger.mode is '" + mode + "', and the class path has only " + modes);
    }

    /**
     * The providers that the caller sees; without one, those beside this class: in an agent with a class loader of its
     * own, threads of the application have another context loader.
     */
    private static List<TaggerProvider> providers() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        ClassLoader own = DefaultTagger.class.getClassLoader();
        List<TaggerProvider> providers = new ArrayList<>();
        for (TaggerProvider provider : ServiceLoader.load(TaggerProvider.class, context == null ? own : context)) {
            providers.add(provider);
        }
        if (providers.isEmpty()) {
            for (TaggerProvider provider : ServiceLoader.load(TaggerProvider.class, own)) {
                providers.add(provider);
            }
        }
        if (providers.isEmpty()) {
            ofJavaAgent(own).forEach(providers::add);
        }
        if (providers.isEmpty()) {
            throw new IllegalStateException(
                    "no TaggerProvider on the class path: add tagger-runtime to collect tags in this process, or"
                            + " tagger-client to ask the node's agent");
        }
        return providers;
    }

    /** The client in the jar of the Java agent, in a class loader of its own that sees this class's tagger-api. */
    private static Iterable<TaggerProvider> ofJavaAgent(ClassLoader own) {
        String folder = System.getProperty(JAVA_AGENT);
        if (folder == null) {
            return List.of();
        }
        try {
            ClassLoader client = new URLClassLoader("tagger-client", new URL[] {new URL(folder)}, own);
            return ServiceLoader.load(TaggerProvider.class, client);
        } catch (MalformedURLException e) {
            throw new IllegalStateException(
                    "the system property " + JAVA_AGENT + " is '" + folder
                            + "', and must be the address of a folder in tagger-javaagent.jar",
                    e);
        }
    }

    /** The mode by the system property, the environment or the configuration; empty for none, or {@code auto}. */
    private static String configuredMode(List<TaggerProvider> providers) {
        String mode = System.getProperty("tagger.mode");
        if (mode == null) {
            mode = System.getenv("TAGGER_MODE");
        }
        for (int i = 0; mode == null && providers.size() > 1 && i < providers.size(); i++) {
            mode = providers.get(i).configuredMode().orElse(null);
        }
        return mode == null || mode.equals("auto") ? "" : mode;
    }
}
