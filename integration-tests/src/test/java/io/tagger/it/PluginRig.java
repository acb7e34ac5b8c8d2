package io.tagger.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The built distribution with a folder of further plugins, configured for a machine without Docker. */
final class PluginRig {
    final Path plugins;
    final Distribution tagger;
    private final Path socket;
    private final Path log;

    PluginRig(Path directory) throws IOException {
        plugins = Files.createDirectory(directory.resolve("plugins"));
        socket = directory.resolve("tagger.sock");
        log = directory.resolve("run.log");
        tagger = new Distribution(Distribution.BUILT)
                .with("TAGGER_HOSTNAME", "test-host")
                .with("TAGGER_PLUGIN_PATH", plugins.toString())
                .with("TAGGER_COLLECTORS_DOCKER_ENABLED", "false");
    }

    /** Starts an agent and waits for the summary. */
    Distribution.Running start(String... arguments) throws IOException {
        return tagger.start(log, withSocket(arguments));
    }

    /** Starts an agent without a wait. */
    Process launch(Path output) throws IOException {
        return tagger.launch(output, withSocket());
    }

    /** The socket, asked without a JVM. */
    Curl curl() {
        return new Curl(socket);
    }

    /** Asks with the command line. */
    Distribution.Result ask(String... arguments) throws Exception {
        return tagger.run(withSocket(arguments));
    }

    private String[] withSocket(String... arguments) {
        return Stream.concat(Stream.of(arguments), Stream.of("--socket", socket.toString()))
                .toArray(String[]::new);
    }
}
