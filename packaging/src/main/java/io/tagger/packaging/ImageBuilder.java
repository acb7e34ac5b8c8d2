package io.tagger.packaging;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Packs folders into an image, on an empty base, as an archive for {@code docker load}. The same folders give the same
 * image: the times of the files are those of the epoch.
 */
public final class ImageBuilder {
    /** Nobody's number; the group of the programs that may open the socket. */
    private static final String USER = "65532:65532";

    private static final String HOME = "/opt/tagger";

    private ImageBuilder() {}

    /**
     * Builds.
     *
     * @param arguments the architecture (amd64 or arm64), the version, the folder of the system's files, the folder of the
     *     linked Java, the folder of the distribution, and the archive to write
     * @throws Exception if a folder is missing, or the archive can't be written
     */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 6) {
            throw new IllegalArgumentException(
                    "the arguments are: ARCHITECTURE VERSION SYSTEM-FOLDER JAVA-FOLDER DISTRIBUTION-FOLDER ARCHIVE");
        }
        String architecture = arguments[0];
        String version = arguments[1];
        Path distribution = Path.of(arguments[4]);
        JibContainerBuilder image = Jib.fromScratch()
                .setPlatforms(Set.of(new Platform(architecture, "linux")))
                .addFileEntriesLayer(layer("system", Path.of(arguments[2]), "/"))
                .addFileEntriesLayer(layer("java", Path.of(arguments[3]), HOME + "/runtime"))
                .addFileEntriesLayer(layer("plugins", distribution.resolve("plugins"), HOME + "/plugins"))
                .addFileEntriesLayer(layer("lib", distribution.resolve("lib"), HOME + "/lib"))
                .setEntrypoint(HOME + "/runtime/bin/java", "@" + HOME + "/tagger.args")
                .setProgramArguments("run")
                .setUser(USER)
                .setWorkingDirectory(AbsoluteUnixPath.get("/"))
                // A user's JDK_JAVA_OPTIONS takes the place of this heap.
                .setEnvironment(
                        Map.of("JDK_JAVA_OPTIONS", "-Xmx128m", "MALLOC_ARENA_MAX", "2", "TAGGER_ARCHIVE", "off"))
                .setLabels(Map.of(
                        "org.opencontainers.image.title", "tagger",
                        "org.opencontainers.image.version", version,
                        "org.opencontainers.image.licenses", "Apache-2.0"));
        image.containerize(Containerizer.to(TarImage.at(Path.of(arguments[5])).named("tagger:" + version))
                .setOfflineMode(true)
                .setToolName("tagger"));
    }

    /** Whether a file is the commands' start-up archive, which serves the Java of the distribution's build alone. */
    private static boolean isStartUpArchive(Path file) {
        return file.getFileName().toString().startsWith("client.aot");
    }

    /** A folder as a layer. Links are kept as copies; executables stay executable. */
    private static FileEntriesLayer layer(String name, Path folder, String to) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
        List<Path> files;
        try (Stream<Path> found = Files.walk(folder)) {
            files = found.filter(file -> !file.equals(folder) && !isStartUpArchive(file))
                    .sorted()
                    .toList();
        }
        AbsoluteUnixPath root = AbsoluteUnixPath.get(to);
        for (Path file : files) {
            AbsoluteUnixPath target = root.resolve(folder.relativize(file).toString());
            boolean isExecutable = Files.isDirectory(file) || Files.isExecutable(file);
            // The folder of the socket and /tmp belong to the agent.
            boolean isOwn =
                    target.toString().equals("/run/tagger") || target.toString().equals("/tmp");
            layer.addEntry(
                    file,
                    target,
                    FilePermissions.fromOctalString(isExecutable ? "755" : "644"),
                    FileEntriesLayer.DEFAULT_MODIFICATION_TIME,
                    isOwn ? USER : "0:0");
        }
        return layer.build();
    }
}
