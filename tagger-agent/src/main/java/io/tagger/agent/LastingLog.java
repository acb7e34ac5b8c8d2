package io.tagger.agent;

import java.util.logging.LogManager;

/**
 * The JDK's log manager without the reset: at the end of the process the JDK removes all handlers while the agent still stops,
 * and the last lines would be lost. The launcher names this class to the JDK.
 */
public final class LastingLog extends LogManager {
    /** For the JDK. */
    public LastingLog() {}

    /** Has no effect. */
    @Override
    public void reset() {}
}
