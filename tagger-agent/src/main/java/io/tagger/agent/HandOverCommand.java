package io.tagger.agent;

import io.tagger.cli.AgentCommand;
import io.tagger.cli.BaseCommand;
import io.tagger.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code tagger hand-over}: for the init container of a pod, whose image has no shell. The kubelet makes the folder of the
 * socket for root.
 */
@Command(
        name = "hand-over",
        hidden = true,
        mixinStandardHelpOptions = true,
        description =
                "Gives the folder of the socket, and the lock of an agent of another user in it, to the agent's user.")
public final class HandOverCommand extends BaseCommand implements AgentCommand {
    private static final String LOCK = "tagger.sock.lock";

    @Parameters(paramLabel = "FOLDER", description = "The folder of the socket.")
    private Path folder = Path.of("");

    @Option(names = "--user", paramLabel = "NUMBER", required = true, description = "The number of the agent's user.")
    private int user;

    @Option(
            names = "--group",
            paramLabel = "NUMBER",
            defaultValue = "65532",
            description = "The number of the group that may open the socket.")
    private int group;

    /** For picocli. */
    public HandOverCommand() {}

    @Override
    public Integer call() {
        try {
            set("unix:uid", folder, 0); // root without a capability for it may not enter the folder of another user
            Path lock = folder.resolve(LOCK);
            if (Files.exists(lock, LinkOption.NOFOLLOW_LINKS)) {
                set("unix:uid", lock, user);
            }
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
            set("unix:gid", folder, group);
            set("unix:uid", folder, user);
            return Main.OK;
        } catch (IOException | UnsupportedOperationException e) {
            throw new IllegalStateException(
                    "the folder " + folder + " can't be handed over to the user " + user + ": " + e
                            + "; the container needs the capabilities CHOWN and FOWNER",
                    e);
        }
    }

    private static void set(String attribute, Path path, int number) throws IOException {
        Files.setAttribute(path, attribute, number, LinkOption.NOFOLLOW_LINKS);
    }
}
