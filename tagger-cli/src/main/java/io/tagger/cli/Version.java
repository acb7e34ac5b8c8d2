package io.tagger.cli;

import picocli.CommandLine.IVersionProvider;

/** The versions of the agent and of Java. */
public final class Version implements IVersionProvider {
    /** For picocli. */
    public Version() {}

    /**
     * The version of the build, from the jar's manifest.
     *
     * @return the version; {@code development} for classes outside of a jar
     */
    public static String agent() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    static String java() {
        return System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")";
    }

    @Override
    public String[] getVersion() {
        return new String[] {"tagger " + agent(), "Java " + java()};
    }
}
