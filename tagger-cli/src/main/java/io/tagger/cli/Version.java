package io.tagger.cli;

import picocli.CommandLine.IVersionProvider;

/** What is running. */
public final class Version implements IVersionProvider {
    /** For picocli. */
    public Version() {}

    /**
     * The version of the build, from the jar's manifest.
     *
     * @return it; {@code development} where the classes are in no jar
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
