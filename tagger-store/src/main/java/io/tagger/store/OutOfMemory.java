package io.tagger.store;

/**
 * Passes a lack of memory on to the handler of the whole process, {@link Thread#setDefaultUncaughtExceptionHandler}: the
 * program with the tagger decides whether to end. Thread-safe.
 */
public final class OutOfMemory {
    private OutOfMemory() {}

    /**
     * Calls the thread's handler of uncaught errors for a lack of memory; has no effect for any other error.
     *
     * @param error the error of a thread of the tagger
     */
    public static void escalate(Throwable error) {
        if (error instanceof OutOfMemoryError) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, error);
        }
    }
}
