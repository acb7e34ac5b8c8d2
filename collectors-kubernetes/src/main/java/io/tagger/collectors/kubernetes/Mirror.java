package io.tagger.collectors.kubernetes;

import io.tagger.api.collector.Backoff;
import io.tagger.collectors.common.RootCause;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Follows a collection of the API server: reads the list, then watches from the version of the list. A broken watch is
 * resumed from the last version; if the server has forgotten the version, the list is read again. Where the server
 * forbids the watch, the list is read at an interval.
 *
 * <p>Steps run one after another, on the executor or on threads of the client; only {@link #close} comes at any time.
 */
final class Mirror<T> implements Closeable, WatchStream.Lines {
    /** A regular watch lasts 30 to 60 minutes, so that the watches of many agents do not end at the same moment. */
    private static final int MIN_WATCH_SECONDS = 1_800;

    /** A loss of the server spreads the first requests of its callers over this time. */
    private static final long SPREAD_MILLIS = 3_000;

    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(20));

    /** A server with a cache sends a bookmark a minute; a server without a cache sends none. */
    private static final Duration SILENCE = Duration.ofMinutes(3);

    /** The silence that a watch without bookmarks may have: a further watch of the same connection usually ends it sooner. */
    private static final Duration LONG_SILENCE = Duration.ofMinutes(15);

    /** The end of a watch this long before its time is the server's, and concerns many callers. */
    private static final long EARLY_MILLIS = 60_000;

    private static final Duration CHECK = Duration.ofMinutes(1);

    /** How often a failing watch is resumed before the list is read again. */
    private static final int RESUMES = 3;

    /** How often a known collection may be refused, at growing pauses, in seven seconds. */
    private static final int KEPT_REFUSALS = 3;

    /** A watch from any version begins with the present state. */
    private static final String ANY = "0";

    /** The part of the interval after which a new item is looked for. */
    private static final int SOON = 10;

    /** A watch that ends sooner, without an event, has failed. */
    private static final Duration SHORT_WATCH = Duration.ofSeconds(5);

    /**
     * The followed collection.
     *
     * @param path the path of the list and of the watch
     * @param single the path of the only object; empty for a list
     * @param rule the access rule, named after a refusal
     * @param pages how lists are read
     * @param kind the class of the items
     * @param keep selects the kept part of an item
     */
    record Subject<T>(String path, String single, String rule, Pages pages, Class<T> kind, UnaryOperator<T> keep) {}

    /**
     * The reading of lists.
     *
     * @param size the number of items in an answer from the server's database
     * @param isLarge whether the first list is read in pages from the database; a small list comes from the server's
     *     cache, as a whole
     */
    record Pages(int size, boolean isLarge) {}

    private final ApiClient server;
    private final Subject<T> subject;
    private final Pace pace;
    private final MirrorListener<T> listener;
    private volatile boolean isClosed;
    private volatile @Nullable WatchStream watch;
    private volatile String version = "";
    private volatile long polledUntil = Long.MIN_VALUE; // milliseconds; the end of the pause after a refused watch
    private volatile boolean isForgotten; // the server has forgotten the version
    private volatile int forgotten; // versions in a row
    private volatile boolean hasBegun;
    private volatile boolean isPolled;
    private volatile boolean hasBookmarks;
    private volatile boolean isWithoutBookmarks; // a watch was silent, and the connection may have been alive
    private volatile boolean isFailing;
    private volatile long end; // milliseconds; the time of the watch
    private volatile boolean hasEvents;
    private volatile long begun; // milliseconds
    private volatile long heard; // milliseconds
    private volatile int failures;
    private volatile int refusals; // of lists in a row
    private volatile int watchRefusals;
    private volatile boolean isListed;
    private volatile boolean hasWatched;
    private volatile boolean isSoon;
    private final AtomicReference<@Nullable Object> plan = new AtomicReference<>(); // of the next list at the interval

    Mirror(ApiClient server, Subject<T> subject, Pace pace, MirrorListener<T> listener) {
        this.server = server;
        this.subject = subject;
        this.pace = pace;
        this.listener = listener;
    }

    /** Begins to follow, on the executor. */
    Mirror<T> start() {
        pace.after(Duration.ZERO, this::list);
        return this;
    }

    private void list() {
        if (isClosed) {
            return;
        }
        try {
            listener.listing();
            ItemList<T> list = read();
            if (isClosed) {
                return;
            }
            isForgotten = false;
            version = isOne() && !list.version().isEmpty() ? ANY : list.version();
            listener.listed(list.items());
            isListed = true;
            refusals = 0;
        } catch (AnswerException e) {
            if (isClosed) {
                return;
            } else if (e.isRefusal()) {
                refused(e);
            } else {
                lost(e, this::list);
            }
            return;
        } catch (IOException | RuntimeException | VirtualMachineError e) {
            // An answer in an unexpected form, or a list too large for the memory, concerns this collection alone.
            if (!Thread.currentThread().isInterrupted()) { // else the collector is being closed
                lost(failure(e), this::list);
            }
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (pace.clock().millis() < polledUntil || version.isEmpty()) {
            poll(pace.poll());
            healthy();
        } else {
            watch();
        }
    }

    /** A starting server refuses for a moment what it permits later: a collection that was listed before is kept for a while. */
    private void refused(AnswerException reason) {
        refusals++;
        if (isListed && refusals <= KEPT_REFUSALS) {
            isFailing = true;
            listener.failing(reason);
            pace.after(BACKOFF.pause(refusals), this::list);
        } else {
            refusals = isListed ? 1 : refusals; // the kept refusals have pauses of their own
            isListed = false;
            Duration again = pace.refused(refusals);
            listener.refused(reason, again);
            pace.after(again, this::list);
        }
    }

    /** Reads the list after a pause, in place of an earlier plan. */
    private void poll(Duration pause) {
        Object next = new Object();
        isPolled = true;
        plan.set(next);
        isSoon = false;
        pace.after(pause, () -> {
            if (plan.compareAndSet(next, null)) {
                list();
            }
        });
    }

    /** The collection is followed, and earlier failures are over. */
    private void healthy() {
        failures = 0;
        forgotten = 0;
        isFailing = false;
        listener.following();
    }

    /** Whether the last attempt has failed: changes since then may be missing. */
    boolean isFailing() {
        return isFailing;
    }

    /** Whether the list is read at an interval, because the server forbids the watch. */
    boolean isPolling() {
        return isPolled;
    }

    /** Reads the list sooner than at the interval. */
    synchronized void soon() {
        if (plan.get() != null && !isSoon) {
            poll(pace.poll().dividedBy(SOON));
            isSoon = true;
        }
    }

    private static IOException failure(Throwable failure) {
        return failure instanceof IOException known ? known : new IOException(RootCause.words(failure), failure);
    }

    private ItemList<T> read() throws IOException, InterruptedException {
        if (isOne()) {
            return server.get(
                    new Request(subject.single, subject.rule, pace.timeout()),
                    body -> ItemList.readSingle(body, subject.kind, subject.keep));
        }
        // Version 0: the server answers from its cache, so that the nodes of a large cluster do not reach its database.
        String oldest = subject.pages.isLarge || isForgotten ? "" : "resourceVersion=0";
        return server.list(
                isMetadata() ? request().metadataOnly() : request(),
                oldest,
                subject.pages.size,
                subject.kind,
                subject.keep);
    }

    /**
     * Whether a single object is followed. The object's own version may be older than all versions that the server
     * remembers, and so each watch begins with the object's present state; such a watch has no bookmarks, which a server
     * over etcd 3.4 refuses.
     */
    private boolean isOne() {
        return !subject.single.isEmpty();
    }

    private boolean isMetadata() {
        return subject.kind == ResourceRules.Item.class;
    }

    private Request request() {
        return new Request(subject.path, subject.rule, pace.timeout());
    }

    private void watch() {
        if (isClosed) {
            return;
        }
        isPolled = false;
        int seconds = MIN_WATCH_SECONDS + ThreadLocalRandom.current().nextInt(MIN_WATCH_SECONDS);
        hasEvents = false;
        hasBegun = false;
        begun = pace.clock().millis();
        heard = begun;
        end = begun + seconds * 1_000L;
        try {
            WatchStream begins = server.watch(
                    (isMetadata() ? request().metadataOfOne() : request())
                            .with("watch=1&" + (isOne() ? "" : "allowWatchBookmarks=true&") + "resourceVersion="
                                    + Request.encode(version) + "&timeoutSeconds=" + seconds),
                    this);
            watch = begins;
            if (isClosed) {
                begins.close();
            }
            pace.after(SHORT_WATCH, () -> check(begins));
        } catch (IOException | RuntimeException e) {
            lost(failure(e), this::list);
        }
    }

    /** Looks at a watch from time to time, and ends a watch whose connection is dead without a notice. */
    private void check(WatchStream checked) {
        if (isClosed || watch != checked || checked.isOver()) {
            return;
        }
        if (hasBegun) {
            watchRefusals = 0;
            hasWatched = true;
            healthy();
            listener.watching();
        }
        Duration silence = Duration.ofMillis(pace.clock().millis() - heard);
        boolean isAwaited = !isOne() && (hasBookmarks || !isWithoutBookmarks);
        if (isAwaited && silence.compareTo(SILENCE) > 0) {
            isWithoutBookmarks = !hasBookmarks;
            checked.fail(new ApiClient.SilenceException(
                    server + " has sent nothing on the watch of " + subject.path + " for " + Problems.words(SILENCE)));
        } else if (silence.compareTo(LONG_SILENCE) > 0) {
            checked.close();
        } else {
            pace.after(CHECK, () -> check(checked));
        }
    }

    @Override
    public void begun() {
        hasBegun = true;
    }

    @Override
    public void line(byte[] line) throws IOException {
        if (isClosed) {
            return;
        }
        ItemList.Event<T> event = ItemList.readEvent(line, subject.kind);
        heard = pace.clock().millis();
        hasEvents = true;
        switch (event.type()) {
            case "ADDED", "MODIFIED" -> listener.set(subject.keep.apply(item(event)));
            case "DELETED" -> listener.deleted(item(event));
            case "BOOKMARK" -> {
                hasBookmarks = true;
                healthy();
            }
            case "ERROR" -> {
                throw new AnswerException(
                        event.code(),
                        server + " ends the watch of " + subject.path + " with " + event.code() + ": "
                                + event.message());
            }
            default -> {} // of a later version
        }
        if (!event.version().isEmpty() && !isOne()) {
            version = event.version();
        }
        if (failures > 0 || forgotten > 0) {
            healthy();
        }
    }

    private static <T> T item(ItemList.Event<T> event) throws IOException {
        T item = event.item();
        if (item == null) {
            throw new IOException("an event without an object");
        }
        return item;
    }

    @Override
    public void end(@Nullable IOException failure) {
        watch = null;
        if (isClosed) {
            return;
        }
        long now = pace.clock().millis();
        // The watch of a single object always begins with an event.
        boolean isShort = (isOne() || !hasEvents) && now - begun < SHORT_WATCH.toMillis();
        if (failure instanceof AnswerException answer && answer.isGone()) {
            isForgotten = true;
            pace.after(forgotten++ == 0 ? spread() : BACKOFF.pause(forgotten), this::list);
        } else if (failure instanceof AnswerException answer && answer.isWatchRefused()) {
            watchRefusals++;
            if (hasWatched && watchRefusals <= KEPT_REFUSALS) {
                isFailing = true;
                listener.failing(answer);
                pace.after(BACKOFF.pause(watchRefusals), this::watch);
                return;
            }
            polledUntil = pace.clock().millis() + pace.refused(watchRefusals).toMillis();
            listener.polled(answer);
            poll(pace.poll());
        } else if (failure != null || isShort) {
            IOException reason = failure != null
                    ? failure
                    : new IOException(server + " ends the watch of " + subject.path + " at once");
            lost(reason, failures < RESUMES && !isOne() ? this::watch : this::list);
        } else {
            // Between two watches an object may be deleted without an event.
            pace.after(now < end - EARLY_MILLIS ? spread() : Duration.ZERO, isOne() ? this::list : this::watch);
        }
    }

    private void lost(IOException reason, Runnable next) {
        if (isClosed) {
            return;
        }
        isFailing = true;
        listener.failing(reason);
        pace.after(failures++ == 0 ? spread() : BACKOFF.pause(failures), next);
    }

    private static Duration spread() {
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(SPREAD_MILLIS));
    }

    @Override
    public void close() {
        isClosed = true;
        WatchStream open = watch;
        if (open != null) {
            open.close();
        }
    }
}
