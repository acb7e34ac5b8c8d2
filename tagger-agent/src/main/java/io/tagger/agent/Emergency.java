package io.tagger.agent;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a process that can't serve any more, so that the supervisor (systemd, a kubelet) starts the agent again: after a
 * lack of memory on a thread of the server or the runtime, and on behalf of the {@link Watchdog}. A half dead process
 * would keep the socket without an answer.
 *
 * <p>Errors on a plugin's own threads are faults of the plugin and do not come here. Thread-safe; the handler needs no
 * memory.
 */
final class Emergency implements Thread.UncaughtExceptionHandler {
    /** EX_SOFTWARE of sysexits(3). */
    static final int CODE = 70;

    private static final Logger LOG = LoggerFactory.getLogger(Emergency.class);
    private static final byte[] OUT_OF_MEMORY =
            line("out of memory: the agent ends, to be started again; raise TAGGER_HEAP if this repeats itself");
    private static final byte[] DEAF =
            line("the agent does not answer questions on its own socket: the agent ends, to be started again");

    private final FileOutputStream err = new FileOutputStream(FileDescriptor.err);

    private static byte[] line(String text) {
        return ("tagger: " + text + " (exit code " + CODE + ")\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Makes this the handler of all threads without another handler. */
    void install() {
        Thread.setDefaultUncaughtExceptionHandler(this);
    }

    @Override
    public void uncaughtException(Thread thread, Throwable error) {
        if (error instanceof OutOfMemoryError) {
            end(OUT_OF_MEMORY);
        }
        LOG.error("the thread {} has ended", thread.getName(), error);
    }

    /** Ends the process because the server gives no answers. */
    void deaf() {
        end(DEAF);
    }

    private void end(byte[] line) {
        try {
            err.write(line);
        } catch (IOException e) {
            // The end matters more than the line.
        } finally {
            Runtime.getRuntime().halt(CODE);
        }
    }
}
