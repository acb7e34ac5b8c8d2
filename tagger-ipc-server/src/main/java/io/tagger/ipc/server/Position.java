package io.tagger.ipc.server;

import io.tagger.api.EntityFilter;
import java.io.IOException;
import java.util.Iterator;
import java.util.OptionalLong;

/**
 * The position of one watcher among the {@link Changes}: the only cost of a watcher that does not read. Runs on the
 * event loop.
 */
final class Position {
    /** Writes events in some form; each method returns the number of bytes. */
    interface Writer {
        /** In place of a number of bytes: the caller reads too slowly for this event at the moment. */
        int NO_ROOM = -1;

        /** The watcher's entities are void; all of them follow. */
        int startOver() throws IOException;

        /**
         * An entity has appeared or changed.
         *
         * @param isNew whether the entity has appeared since the last read
         */
        int set(Change change, boolean isNew) throws IOException;

        int deleted(Change change) throws IOException;

        /** The initial state is complete. */
        int synced() throws IOException;
    }

    private final Changes changes;
    private final EntityFilter filter;
    private long known;
    /** Deletions up to this revision, and of entities that came and went since the last read, are skipped. */
    private long born;
    /** The revision at the end of the initial state; -1 as long as the changes are not complete themselves. */
    private long target = -1;

    private boolean startsOver;
    private boolean isSynced;

    /**
     * Begins a watch.
     *
     * @param resumed the revision known from an earlier watch of this run; empty to begin with the present entities
     * @param startsOver whether the watcher knows entities of another run, or older than the kept deletions
     */
    Position(Changes changes, EntityFilter filter, OptionalLong resumed, boolean startsOver) {
        this.changes = changes;
        this.filter = filter;
        this.startsOver = startsOver;
        if (resumed.isPresent()) {
            known = resumed.getAsLong();
        } else {
            born = changes.revision();
        }
    }

    /** The revision up to which the watcher has everything. */
    long known() {
        return known;
    }

    /**
     * Writes the next events.
     *
     * @param enough the number of bytes after which no further event is written
     * @param to writes the events; a second read may repeat an event if deletions were dropped meanwhile
     * @return the number of bytes; 0 if there is nothing new for this watcher, or no room
     */
    int read(int enough, Writer to) throws IOException {
        long before = known;
        if (!changes.has(Math.max(known, born))) { // the watcher was so slow that unsent deletions were dropped
            known = 0;
            born = changes.revision();
            target = -1;
            startsOver = true;
            isSynced = false;
        }
        if (target < 0 && changes.isComplete()) {
            target = changes.revision();
        }
        int size = 0;
        if (startsOver) {
            size += to.startOver();
            startsOver = false;
        }
        long seen = known;
        Iterator<Change> rest = changes.after(known);
        boolean hasRoom = true;
        while (hasRoom && rest.hasNext() && size < enough) {
            Change change = rest.next();
            boolean isGone = change.tags == null;
            boolean isUnseen = change.revision <= born || change.born > seen;
            if (filter.matches(change.entity) && !(isGone && isUnseen)) {
                int written = isGone ? to.deleted(change) : to.set(change, change.born > seen);
                hasRoom = written != Writer.NO_ROOM;
                size += hasRoom ? written : 0;
            }
            known = hasRoom ? change.revision : known;
        }
        if (!changes.has(Math.max(before, born))) { // dropped during the read: the next read starts over
            known = before;
            return size;
        }
        if (!isSynced && target >= 0 && (known >= target || hasRoom && !rest.hasNext())) {
            isSynced = true;
            size += to.synced();
        }
        return size;
    }
}
