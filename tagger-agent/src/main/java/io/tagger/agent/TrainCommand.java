package io.tagger.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tagger train}: does what an agent and its command line do, once, so that the JVM can note which classes that takes. */
@Command(
        name = "train",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Builds the start-up archive: a short run whose classes the next start takes from a file.")
final class TrainCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    /** For picocli. */
    TrainCommand() {}

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("tagger-train");
        try (Agent agent = RunCommand.start(config, Optional.of(directory.resolve("tagger.sock")))) {
            RunCommand.awaitReady(agent);
            try (AgentClient client = new AgentClient(agent.socket())) {
                List<String> paths =
                        List.of("/v1/entities", "/v1/collectors", "/readyz", "/v1/tags?entity=host://nobody");
                paths.forEach(client::get);
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
