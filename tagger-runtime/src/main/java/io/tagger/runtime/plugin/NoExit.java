package io.tagger.runtime.plugin;

import java.lang.StackWalker.Option;

/**
 * The replacements of the calls that end the process, for the classes of plugin folders (see {@link ProcessExits});
 * public for these classes alone.
 */
public final class NoExit {
    private static final StackWalker CALLERS = StackWalker.getInstance(Option.RETAIN_CLASS_REFERENCE);

    private NoExit() {}

    /**
     * Instead of {@link System#exit}.
     *
     * @param status the exit code
     * @throws SecurityException always
     */
    public static void exit(int status) {
        throw refused("System.exit(" + status + ")", CALLERS.getCallerClass());
    }

    /**
     * Instead of {@link Runtime#exit}.
     *
     * @param runtime the runtime
     * @param status the exit code
     * @throws SecurityException always
     */
    public static void exit(Runtime runtime, int status) {
        throw refused("Runtime.exit(" + status + ")", CALLERS.getCallerClass());
    }

    /**
     * Instead of {@link Runtime#halt}.
     *
     * @param runtime the runtime
     * @param status the exit code
     * @throws SecurityException always
     */
    public static void halt(Runtime runtime, int status) {
        throw refused("Runtime.halt(" + status + ")", CALLERS.getCallerClass());
    }

    private static SecurityException refused(String call, Class<?> caller) {
        return new SecurityException(caller.getName() + " called " + call + ", and a plugin must not end the process");
    }
}
