package io.tagger.collectors.kubernetes;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.tagger.collectors.common.RootCause;
import io.tagger.collectors.grpc.UnixChannel;
import io.tagger.collectors.grpc.kubelet.ListPodsRequest;
import io.tagger.collectors.grpc.kubelet.PodsGrpc;
import io.tagger.collectors.grpc.kubelet.WatchPodsEvent;
import io.tagger.collectors.grpc.kubelet.WatchPodsRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The Pods API of the kubelet of this node (KEP-4188), on a Unix socket: changes arrive as the kubelet makes them, and
 * need neither a token nor a right at the API server.
 */
final class PodsApi implements PodSource {
    /** How many lists in a row may fail while the stream goes on. */
    private static final int KEPT_FAILURES = 2;

    private final Path socket;
    private final Duration listInterval;
    private final Pace pace;
    private final ManagedChannel channel;

    /**
     * Prepares the connection, without a request.
     *
     * @param pace the time for an answer, and the later executor
     * @param executor runs the callbacks
     */
    PodsApi(KubernetesSettings.PodsApiSocket at, Pace pace, Executor executor) {
        this.socket = at.path();
        this.listInterval = at.listInterval();
        this.pace = pace;
        this.channel = UnixChannel.open(at.path(), executor);
    }

    /**
     * Whether there may be a socket: its folder may be entered. The socket itself is gone for a moment while the kubelet is
     * restarted.
     */
    static boolean isLikely(Path socket) {
        Path folder = socket.getParent();
        return folder != null && Files.isDirectory(folder) && Files.isExecutable(folder);
    }

    @Override
    public List<Pod> pods(Duration timeout, UnaryOperator<Pod> keep) throws IOException {
        requireSocket();
        try {
            List<Pod> pods = new ArrayList<>();
            PodsGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .listPods(ListPodsRequest.getDefaultInstance())
                    .getPodsList()
                    .forEach(bytes -> pods.add(keep.apply(PodMessages.pod(bytes))));
            return pods;
        } catch (StatusRuntimeException e) {
            throw failure(e, timeout);
        }
    }

    @Override
    public boolean isStreaming() {
        return true;
    }

    @Override
    public void follow(UnaryOperator<Pod> keep, PodFollower follower) throws IOException {
        requireSocket();
        Events events = new Events(keep, follower);
        PodsGrpc.newStub(channel).watchPods(WatchPodsRequest.getDefaultInstance(), events);
        pace.after(pace.timeout(), events::requireInitial);
    }

    /**
     * Takes the events of the watch. The kubelet sends an event when the status of a pod changes, and none when labels or
     * annotations alone change (seen with 1.37.2): a list at an interval finds these.
     */
    private final class Events implements StreamObserver<WatchPodsEvent> {
        private final UnaryOperator<Pod> keep;
        private final PodFollower follower;
        private @Nullable List<Pod> initial = new ArrayList<>(); // null after the initial pods; guarded by this
        private long events; // guarded by this
        private boolean isOver; // guarded by this
        private int failures; // of lists in a row; used by one list at a time

        private Events(UnaryOperator<Pod> keep, PodFollower follower) {
            this.keep = keep;
            this.follower = follower;
        }

        @Override
        public synchronized void onNext(WatchPodsEvent event) {
            events++;
            switch (event.getType()) {
                case ADDED, MODIFIED -> {
                    Pod pod = keep.apply(PodMessages.pod(event.getPod()));
                    if (initial == null) {
                        follower.set(pod);
                    } else {
                        initial.removeIf(before -> before.key().equals(pod.key()));
                        initial.add(pod);
                    }
                }
                case DELETED -> {
                    String key = PodMessages.pod(event.getPod()).key();
                    if (initial == null) {
                        follower.deleted(key);
                    } else {
                        initial.removeIf(before -> before.key().equals(key));
                    }
                }
                case INITIAL_SYNC_COMPLETE -> {
                    if (initial != null) {
                        follower.listed(initial);
                        initial = null;
                        listLater();
                    }
                }
                default -> {} // of a later version
            }
        }

        private void requireInitial() {
            boolean isLate;
            synchronized (this) {
                isLate = initial != null;
            }
            if (isLate) {
                over(new IOException(
                        PodsApi.this + " has not sent the present pods within " + Problems.words(pace.timeout())));
            }
        }

        private void listLater() {
            pace.after(listInterval, this::list);
        }

        private void list() {
            long before;
            synchronized (this) {
                if (isOver) {
                    return;
                }
                before = events;
            }
            try {
                List<Pod> pods = pods(pace.timeout(), keep);
                synchronized (this) {
                    if (before == events && !isOver) { // an event in between may be newer than the list
                        follower.listed(pods);
                    }
                }
                failures = 0;
            } catch (IOException | RuntimeException | VirtualMachineError e) { // a lack of memory ends this list alone
                if (++failures > KEPT_FAILURES) {
                    over(e instanceof IOException known ? known : new IOException(RootCause.words(e), e));
                    return;
                }
            }
            listLater();
        }

        private void over(IOException reason) {
            synchronized (this) {
                if (isOver) {
                    return;
                }
                isOver = true;
            }
            follower.lost(reason);
        }

        @Override
        public void onError(Throwable error) {
            over(
                    error instanceof StatusRuntimeException known
                            ? failure(known, Duration.ZERO)
                            : new IOException(PodsApi.this + " is lost: " + RootCause.words(error), error));
        }

        @Override
        public void onCompleted() {
            over(new IOException(PodsApi.this + " has ended the stream"));
        }
    }

    /** A missing file and a forbidden folder look alike to the client's library. */
    private void requireSocket() throws IOException {
        Optional<Path> closed = UnixChannel.closedFolder(socket);
        if (closed.isPresent()) {
            throw new IOException(this + " can't be reached: the folder " + closed.get() + " may not be entered by the"
                    + " user of the agent; run the agent as root, or take another source");
        }
        if (!Files.exists(socket)) {
            throw new IOException(this + " is not there: the socket exists from Kubernetes 1.37 on (1.36: with the"
                    + " feature gate PodsAPI), and must be mounted into the agent's container");
        }
    }

    private IOException failure(StatusRuntimeException failure, Duration timeout) {
        Status status = failure.getStatus();
        String why =
                switch (status.getCode()) {
                    case UNIMPLEMENTED -> "does not have the service v1alpha1.Pods";
                    case FAILED_PRECONDITION -> "is not ready yet: " + status.getDescription();
                    case DEADLINE_EXCEEDED -> "does not answer within " + Problems.words(timeout);
                    case RESOURCE_EXHAUSTED -> "refuses the question: " + status.getDescription();
                    default ->
                        "is lost: "
                                + (status.getCause() == null
                                        ? status.getCode() + ", " + status.getDescription()
                                        : RootCause.words(status.getCause()));
                };
        return new IOException(this + " " + why, failure);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    @Override
    public String toString() {
        return "the kubelet's Pods API at " + socket;
    }
}
