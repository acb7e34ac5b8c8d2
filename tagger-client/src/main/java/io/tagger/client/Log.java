package io.tagger.client;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** The log of the client, {@code io.tagger.client}. The logger is made at the first message: most starts have none. */
final class Log {
    private Log() {}

    private static final class Made {
        static final Logger LOGGER = System.getLogger("io.tagger.client");
    }

    static void info(String message, Object... values) {
        Made.LOGGER.log(Level.INFO, message, values);
    }

    static void warn(String message, Object... values) {
        Made.LOGGER.log(Level.WARNING, message, values);
    }

    static void log(Level level, String message, Throwable error) {
        Made.LOGGER.log(level, message, error);
    }
}
