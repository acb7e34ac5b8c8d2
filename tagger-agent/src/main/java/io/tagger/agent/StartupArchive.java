package io.tagger.agent;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The archive of loaded classes for faster starts. The launcher decides whether, where, and for which Java and class
 * path an archive exists; a system property of the launcher reports a missing archive. A training run, a process of its
 * own, then makes the archive here, once the agent is ready.
 */
final class StartupArchive {
    /** Set by the launcher to its own path if an archive is wanted and missing. */
    private static final String LAUNCHER = "tagger.launcher.train";

    private static final Logger LOG = LoggerFactory.getLogger(StartupArchive.class);

    private StartupArchive() {}

    /** Starts the training run, if an archive is wanted; the run ends with this process at the latest. */
    static void buildInBackground() {
        String launcher = System.getProperty(LAUNCHER, "");
        if (launcher.isEmpty()) {
            return;
        }
        try {
            Process training = new ProcessBuilder(
                            List.of("nice", "-n", "19", Path.of(launcher).toString(), "train"))
                    .redirectOutput(new File("/dev/null"))
                    .redirectError(new File("/dev/null"))
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(training::destroy, "tagger-stop-training"));
            LOG.debug("process {} prepares the next start", training.pid());
        } catch (IOException e) {
            LOG.info(
                    "the next start will be as slow as this start: the training run can't be started: {}",
                    e.toString());
        }
    }
}
