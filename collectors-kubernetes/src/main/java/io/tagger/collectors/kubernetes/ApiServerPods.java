package io.tagger.collectors.kubernetes;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The API server, asked for the pods of this node or of all nodes, and followed by a watch. */
final class ApiServerPods implements PodSource {
    /** The least time for the question about the node, within the time for the pods. */
    private static final Duration SHORTEST = Duration.ofMillis(100);

    private static final String RULE = Request.rule("", "pods", "list", "watch");

    /** Failures during this time are the mirror's; afterwards the host shows the failure, and begins anew. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ApiClient server;
    private final Node node;
    private final int pageSize;
    private final Pace pace;
    private volatile boolean isClosed;
    private volatile @Nullable Mirror<Pod> mirror;

    /**
     * The node of the pods.
     *
     * @param name the name in Kubernetes, or {@code *} for all nodes
     * @param isGuess whether the name is only this machine's name, perhaps not a node's: an empty list is then no answer
     */
    record Node(String name, boolean isGuess) {
        boolean isEvery() {
            return name.equals("*");
        }
    }

    ApiServerPods(ApiClient server, Node node, int pageSize, Pace pace) {
        this.server = server;
        this.node = node;
        this.pageSize = pageSize;
        this.pace = pace;
    }

    private String path() {
        return node.isEvery()
                ? "/api/v1/pods"
                : "/api/v1/pods?fieldSelector=" + Request.encode("spec.nodeName=" + node.name);
    }

    @Override
    public List<Pod> pods(Duration timeout, UnaryOperator<Pod> keep) throws IOException, InterruptedException {
        long begun = pace.clock().millis();
        String oldest = node.isEvery() ? "" : "resourceVersion=0";
        List<Pod> pods = checked(server.list(new Request(path(), RULE, timeout), oldest, pageSize, Pod.class, keep)
                .items());
        if (pods.isEmpty() && !node.isEvery()) {
            Duration left = timeout.minusMillis(pace.clock().millis() - begun);
            requireNode(left.compareTo(SHORTEST) < 0 ? SHORTEST : left);
        }
        return pods;
    }

    /** A node without pods may be new; a wrong name of a node looks the same, but for the node itself. */
    private void requireNode(Duration timeout) throws IOException, InterruptedException {
        try {
            server.get(
                    new Request(
                            "/api/v1/nodes/" + Request.encode(node.name), Request.rule("", "nodes", "get"), timeout),
                    body -> ItemList.readOne(body, ResourceRules.Item.class));
        } catch (AnswerException e) {
            if (e.isMissing()) {
                throw new IOException(
                        this + " knows of no node '" + node.name
                                + "': set NODE_NAME, by the downward API (spec.nodeName),"
                                + " or tagger.collectors.kubernetes.node-name, to the name that 'kubectl get nodes' prints",
                        e);
            }
            // Without the right to read nodes, the name is believed.
        }
    }

    private List<Pod> checked(List<Pod> pods) throws IOException {
        if (pods.isEmpty() && node.isGuess) {
            throw new IOException(
                    this + " knows of no pods on the node '" + node.name + "', which is this machine's name: set"
                            + " NODE_NAME, by the downward API (spec.nodeName), or tagger.collectors.kubernetes.node-name");
        }
        return pods;
    }

    @Override
    public boolean probe(Duration timeout) throws IOException, InterruptedException {
        if (!node.isEvery()) {
            return !pods(timeout, UnaryOperator.identity()).isEmpty();
        }
        return !server.get(
                        new Request(path() + "?limit=1", RULE, timeout),
                        body -> ItemList.read(body, Pod.class, UnaryOperator.identity()))
                .items()
                .isEmpty();
    }

    @Override
    public boolean isOfOneNode() {
        return !node.isEvery();
    }

    @Override
    public boolean isStreaming() {
        return true;
    }

    @Override
    public void follow(UnaryOperator<Pod> keep, PodFollower follower) {
        Mirror.Subject<Pod> subject =
                new Mirror.Subject<>(path(), "", RULE, new Mirror.Pages(pageSize, node.isEvery()), Pod.class, keep);
        Mirror<Pod> begun = new Mirror<>(server, subject, pace, new Listener(follower));
        mirror = begun;
        if (isClosed) {
            begun.close();
        }
        begun.start();
    }

    /** Passes the events of the mirror on. */
    private final class Listener implements MirrorListener<Pod> {
        private final PodFollower follower;
        private volatile long failingSince = Long.MAX_VALUE; // milliseconds

        private Listener(PodFollower follower) {
            this.follower = follower;
        }

        @Override
        public void listing() {}

        @Override
        public void listed(List<Pod> items) {
            try {
                follower.listed(checked(items));
            } catch (IOException e) {
                follower.lost(e);
            }
        }

        @Override
        public void set(Pod item) {
            follower.set(item);
        }

        @Override
        public void deleted(Pod item) {
            follower.deleted(item.key());
        }

        @Override
        public void refused(AnswerException reason, Duration again) {
            follower.lost(reason);
        }

        @Override
        public void polled(AnswerException reason) {
            follower.notice(
                    reason.getMessage() + "; the list is read every " + Problems.words(pace.poll()) + " instead");
        }

        @Override
        public void failing(IOException reason) {
            long now = pace.clock().millis();
            failingSince = Math.min(failingSince, now);
            if (!isClosed && now - failingSince >= PATIENCE.toMillis()) {
                follower.lost(reason);
            }
        }

        @Override
        public void watching() {}

        @Override
        public void following() {
            failingSince = Long.MAX_VALUE;
        }
    }

    @Override
    public void close() {
        isClosed = true;
        Mirror<Pod> open = mirror;
        if (open != null) {
            open.close();
        }
        server.close();
    }

    @Override
    public String toString() {
        return "the API server at " + server;
    }
}
