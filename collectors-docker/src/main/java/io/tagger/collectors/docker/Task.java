package io.tagger.collectors.docker;

import org.jspecify.annotations.Nullable;

/**
 * The work on one container.
 *
 * @param action the work
 * @param seen the container as shown by the list or a start event; null if there is no sign of a run
 * @param isNew whether the container started during this stream, and was never reported by an earlier stream
 */
record Task(Action action, @Nullable DockerContainer seen, boolean isNew) {
    /** The kind of work. */
    enum Action {
        /** Inspects the container. */
        LOOK,
        /** Inspects a container that has started and died already, and reports the tags before the deletion. */
        LOOK_AND_DROP,
        /** Reports the container's deletion. */
        DROP
    }

    static final Task LOOK_AGAIN = new Task(Action.LOOK, null, false);
    static final Task DROP = new Task(Action.DROP, null, false);

    /** For a start. */
    static Task started(DockerContainer seen) {
        return new Task(Action.LOOK, seen, true);
    }

    /** For a container with a present or past run, perhaps reported before. */
    static Task seen(DockerContainer seen) {
        return new Task(Action.LOOK, seen, false);
    }

    /** The task in place of an older task, not yet begun, and of a newer task. */
    static Task merge(Task older, Task newer) {
        if (newer.action == Action.DROP) {
            return older.seen == null ? DROP : new Task(Action.LOOK_AND_DROP, older.seen, older.isNew);
        }
        // A rename tells nothing about the state: the older task stays, and sees the new name.
        return newer.seen == null ? older : newer;
    }
}
