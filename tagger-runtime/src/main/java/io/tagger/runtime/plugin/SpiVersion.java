package io.tagger.runtime.plugin;

import io.tagger.api.collector.Collector;
import io.tagger.api.collector.FetchOnly;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.Streamer;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Detects a plugin compiled for another version of the SPI, before the first call of a missing method. */
final class SpiVersion {
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\b.*");

    private static final List<Class<?>> SPI = List.of(Collector.class, Streamer.class, Puller.class, FetchOnly.class);

    /** The manifest attribute with the version of tagger-api for which a plugin's jar was compiled. */
    static final String ATTRIBUTE = "Tagger-Api";

    private SpiVersion() {}

    /**
     * Compares a plugin's version with the present version, by semantic versioning: the major version must be equal
     * (before 1.0, the minor version), and the plugin's version must not be later.
     *
     * @param theirs the plugin's version; null if unknown
     * @return the problem; empty if there is none
     */
    static Optional<String> problemOf(@Nullable String theirs) {
        return theirs == null ? Optional.empty() : problemOf(theirs, ours());
    }

    static Optional<String> problemOf(String theirs, String ours) {
        Matcher their = VERSION.matcher(theirs);
        Matcher our = VERSION.matcher(ours);
        if (!our.lookingAt()) {
            return Optional.empty(); // not run from jars
        }
        if (!their.lookingAt()) {
            return Optional.of(ATTRIBUTE + " in the manifest is '" + theirs + "', not a version like " + ours);
        }
        boolean sameMajor = their.group(1).equals(our.group(1));
        int minor = Integer.parseInt(their.group(2)) - Integer.parseInt(our.group(2));
        boolean fits = sameMajor && (our.group(1).equals("0") ? minor == 0 : minor <= 0);
        return fits
                ? Optional.empty()
                : Optional.of("compiled for tagger-api " + theirs + ", and this is " + ours
                        + ": take a version of the plugin compiled for "
                        + (sameMajor && minor > 0
                                ? "this version or an earlier version, or a later agent"
                                : "this version"));
    }

    /**
     * Looks for abstract methods of the SPI without an implementation in a class.
     *
     * @throws IllegalArgumentException if there is one
     */
    static void check(Class<?> type) {
        for (Class<?> part : SPI) {
            if (part.isAssignableFrom(type)) {
                for (Method method : part.getMethods()) {
                    if (Modifier.isAbstract(method.getModifiers()) && !has(type, method)) {
                        throw new IllegalArgumentException("missing method " + method.getName()
                                + Arrays.toString(method.getParameterTypes()) + " of " + part.getSimpleName()
                                + ": the class was compiled for another version of tagger-api; compile the class for "
                                + ours());
                    }
                }
            }
        }
    }

    private static boolean has(Class<?> type, Method wanted) {
        return Arrays.stream(type.getMethods())
                .anyMatch(method -> !Modifier.isAbstract(method.getModifiers())
                        && method.getName().equals(wanted.getName())
                        && method.getReturnType().equals(wanted.getReturnType())
                        && Arrays.equals(method.getParameterTypes(), wanted.getParameterTypes()));
    }

    /** The version of the present tagger-api, from the manifest of its jar. */
    static String ours() {
        String version = Collector.class.getPackage().getImplementationVersion();
        return version == null ? "this one" : version;
    }
}
