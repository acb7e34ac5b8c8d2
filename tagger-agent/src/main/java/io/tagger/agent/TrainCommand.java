package io.tagger.agent;

import io.tagger.cli.AgentCommand;
import io.tagger.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code tagger train}: does the work of an agent and its command line once, so that the JVM can record the loaded
 * classes.
 */
@Command(
        name = "train",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Builds the start-up archive: a short run, whose loaded classes make the next start faster.")
public final class TrainCommand implements AgentCommand {
    @Mixin
    private ConfigOption config = new ConfigOption();

    /** For picocli. */
    public TrainCommand() {}

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("tagger-train");
        try (Agent agent =
                RunCommand.start(config, Optional.of(directory.resolve("tagger.sock")), AgentLog.install())) {
            agent.tagger().awaitReady(RunCommand.SUMMARY);
            for (String[] question :
                    new String[][] {{"list", "--json"}, {"collectors"}, {"tag", "host://nobody", "--json"}}) {
                Main.commandLine()
                        .setOut(new PrintWriter(Writer.nullWriter()))
                        .setErr(new PrintWriter(Writer.nullWriter()))
                        .execute(Stream.concat(
                                        Stream.of(question),
                                        Stream.of("--socket", agent.socket().toString()))
                                .toArray(String[]::new));
            }
        } finally {
            delete(directory);
        }
        return Main.OK;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
