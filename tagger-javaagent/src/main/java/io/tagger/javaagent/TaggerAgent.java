package io.tagger.javaagent;

import java.lang.instrument.Instrumentation;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The entry of {@code -javaagent:tagger-javaagent.jar[=OPTIONS]}, and the only class on the application's class path. All
 * other classes are in the folder {@code client/} of the jar, with a separate class loader.
 *
 * <p>The options are {@code agent=ADDRESS}, {@code wait=TIME} and {@code log}, with commas between them. No fault here ever fails
 * the application.
 */
public final class TaggerAgent {
    /** The folder of the jar with the client; DefaultTagger reads this property. */
    private static final String CLIENT = "tagger.javaagent.client";

    private static final String IDENTITY = "io.tagger.javaagent.identity.Identity";

    private TaggerAgent() {}

    /**
     * Runs before the main class.
     *
     * @param options the text behind the {@code =}; null without options
     * @param jvm not used: no class is changed
     */
    public static void premain(@Nullable String options, Instrumentation jvm) {
        start(options);
    }

    /**
     * Runs in a JVM that is running already, by {@code jcmd PID JVMTI.agent_load}.
     *
     * @param options as for {@link #premain}
     * @param jvm not used: no class is changed
     */
    public static void agentmain(@Nullable String options, Instrumentation jvm) {
        start(options);
    }

    /** Every error counts, of the JVM too: an application without tags is better than none. */
    @SuppressWarnings("unchecked") // the class is in this jar
    private static void start(@Nullable String options) {
        String text = options == null ? "" : options;
        try {
            URL jar = TaggerAgent.class.getProtectionDomain().getCodeSource().getLocation();
            String folder = "jar:" + jar + "!/client/";
            System.setProperty(CLIENT, folder);
            // Not closed: an event of the flight recorder keeps its classes.
            ClassLoader client =
                    new URLClassLoader("tagger", new URL[] {new URL(folder)}, ClassLoader.getPlatformClassLoader());
            ((Consumer<String>) client.loadClass(IDENTITY).getConstructor().newInstance()).accept(text);
        } catch (Throwable e) {
            if (text.matches("(.*,)?\\s*log\\s*(,.*)?")) {
                System.err.println("tagger: no tags for this JVM: " + e);
            }
        }
    }
}
