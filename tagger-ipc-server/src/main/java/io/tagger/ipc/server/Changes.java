package io.tagger.ipc.server;

import com.google.protobuf.ByteString;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Subscription;
import io.tagger.api.TagListener;
import io.tagger.api.Tagger;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What has happened to every entity, in the order in which it last did. Thread-safe.
 *
 * <p>Every watcher reads it at its own pace, from where it was: that alone is what it costs to have many of them, and slow ones, and what a
 * watcher needs to go on after its connection was lost. An entity that changes again moves to the end, so that whoever is late is told
 * of its last state only. Deletions are kept for a while; who was away for longer has to start over.
 *
 * <p>It listens to the tagger from the first watcher on.
 */
final class Changes implements TagListener {
    /** Deletions that are kept, for those who were away. */
    private static final int DELETIONS = 100_000;

    /** Changes that are kept as they go over the wire. */
    private static final int FRESH = 1_024;

    private final Tagger tagger;
    private final long epoch = ThreadLocalRandom.current().nextLong();
    private final ConcurrentSkipListMap<Long, Change> inOrder = new ConcurrentSkipListMap<>();
    private final CopyOnWriteArrayList<Runnable> watchers = new CopyOnWriteArrayList<>();
    private final Map<EntityId, Change> last = new HashMap<>(); // guarded by this
    private final Deque<Change> deletions = new ArrayDeque<>(); // guarded by this; oldest first
    private final Deque<Change> fresh = new ArrayDeque<>(); // guarded by this; oldest first
    private boolean isListening; // guarded by this
    private boolean isClosed; // guarded by this
    private @Nullable Subscription subscription; // guarded by this
    private volatile long revision;
    private volatile long forgotten; // the revision of the last deletion that was dropped
    private volatile boolean isSynced;
    private volatile boolean isReady;

    Changes(Tagger tagger) {
        this.tagger = tagger;
    }

    /** Which run of the server this is: revisions of another one mean nothing here. */
    long epoch() {
        return epoch;
    }

    /** The revision of the last change. */
    long revision() {
        return revision;
    }

    /**
     * Whether all that there was in the beginning is here. That is not so before the tagger's collectors have told it: who follows an agent that
     * has just been started must not take for gone what has not been told yet.
     */
    boolean isComplete() {
        return isSynced && isReady;
    }

    /** Says that the collectors have told all there was, or are not waited for any longer. */
    void ready() {
        isReady = true;
        watchers.forEach(Runnable::run);
    }

    /** Whether somebody who knows everything up to a revision can be told the rest. */
    boolean reaches(long known) {
        return has(known) && known <= revision;
    }

    /** Whether no deletion after a revision was dropped. */
    boolean has(long known) {
        return known >= forgotten;
    }

    /** What has happened after a revision. */
    Iterator<Change> after(long known) {
        return inOrder.tailMap(known, false).values().iterator();
    }

    /** A change as it goes over the wire. */
    ByteString encoded(Change change, EntityView view) {
        return change.encoded(view, tagger);
    }

    /** From now on somebody is called whenever something has happened; he must be quick about it. */
    void add(Runnable watcher) {
        watchers.add(watcher);
        synchronized (this) {
            if (isListening) {
                return;
            }
            isListening = true;
        }
        Subscription made = tagger.subscribe(EntityFilter.all(), this);
        synchronized (this) {
            subscription = made;
            if (!isClosed) {
                return;
            }
        }
        made.close();
    }

    /** Listens no more. */
    void close() {
        Subscription made;
        synchronized (this) {
            isClosed = true;
            made = subscription;
        }
        if (made != null) {
            made.close();
        }
    }

    void remove(Runnable watcher) {
        watchers.remove(watcher);
    }

    int watchers() {
        return watchers.size();
    }

    @Override
    public void added(EntityTags tags) {
        apply(tags.entity(), tags);
    }

    @Override
    public void modified(EntityTags tags) {
        apply(tags.entity(), tags);
    }

    @Override
    public void deleted(EntityId entity) {
        apply(entity, null);
    }

    @Override
    public void synced() {
        isSynced = true;
        watchers.forEach(Runnable::run);
    }

    private void apply(EntityId entity, @Nullable EntityTags tags) {
        synchronized (this) {
            Change change = new Change(revision + 1, entity, tags);
            Change before = tags == null ? last.remove(entity) : last.put(entity, change);
            inOrder.put(change.revision, change); // before the other is removed, so that a reader can't miss both
            if (before != null) {
                inOrder.remove(before.revision);
            }
            revision = change.revision;
            fresh.addLast(change);
            if (fresh.size() > FRESH) {
                fresh.removeFirst().age();
            }
            if (tags == null) {
                deletions.addLast(change);
                if (deletions.size() > DELETIONS) {
                    Change dropped = deletions.removeFirst();
                    forgotten = dropped.revision; // before it is removed, so that who misses it can see that
                    inOrder.remove(dropped.revision);
                }
            }
        }
        watchers.forEach(Runnable::run);
    }
}
