package io.tagger.agent;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd that the agent serves, for a unit of Type=notify. The JDK has no datagrams on Unix sockets, so that the
 * command systemd-notify tells systemd.
 */
final class Systemd {
    private static final Logger LOG = LoggerFactory.getLogger(Systemd.class);

    private Systemd() {}

    /** Tells that the agent serves; without systemd this has no effect. */
    static void ready() {
        if (System.getenv("NOTIFY_SOCKET") == null) {
            return;
        }
        try {
            Process notify = new ProcessBuilder("systemd-notify", "--ready")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            notify.onExit().thenAccept(ended -> {
                if (ended.exitValue() != 0) {
                    LOG.warn(
                            "systemd was not told that the agent serves: systemd-notify has ended with {}",
                            ended.exitValue());
                }
            });
        } catch (IOException e) {
            LOG.warn("systemd was not told that the agent serves: {}", e.getMessage());
        }
    }
}
