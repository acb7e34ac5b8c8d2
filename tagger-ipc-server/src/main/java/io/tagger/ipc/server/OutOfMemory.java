package io.tagger.ipc.server;

/** Passes a lack of memory on to the handler of the whole process: a server without memory must not stay half alive. */
final class OutOfMemory {
    private OutOfMemory() {}

    /** Calls the thread's handler of uncaught errors for a lack of memory; has no effect for any other error. */
    static void escalate(Throwable error) {
        if (error instanceof OutOfMemoryError) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, error);
        }
    }
}
