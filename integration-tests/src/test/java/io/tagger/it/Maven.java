package io.tagger.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The Maven of this build, reading artifacts from this build's repository without writing there. */
final class Maven {
    private final Path settings;

    /** Keeps settings and repository in a folder. */
    Maven(Path folder) throws IOException {
        settings = Files.writeString(folder.resolve("settings.xml"), """
                <settings>
                  <localRepository>%s</localRepository>
                  <mirrors>
                    <mirror>
                      <id>this-build</id>
                      <mirrorOf>central</mirrorOf>
                      <url>%s</url>
                    </mirror>
                  </mirrors>
                </settings>
                """.formatted(
                        folder.resolve("repository"),
                        Path.of(System.getProperty("tagger.maven.repository")).toUri()));
    }

    /** The value of {@code MAVEN_OPTS}: builds here are short, and need no second compiler. */
    static final String OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    /** The command, without goals. */
    List<String> command() {
        return List.of(
                System.getProperty("tagger.maven.home") + "/bin/mvn",
                "-B",
                "-s",
                settings.toString(),
                "-DargLine=-XX:TieredStopAtLevel=1");
    }
}
