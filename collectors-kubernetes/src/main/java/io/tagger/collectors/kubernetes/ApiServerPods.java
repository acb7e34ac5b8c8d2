package io.tagger.collectors.kubernetes;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** The pods of one node, from the API server. */
final class ApiServerPods implements PodSource {
    private static final String RULE = Request.rule("", "pods", "list");

    private final ApiClient server;
    private final String path;
    private final String nodeName;
    private final boolean isGuess;
    private final int pageSize;

    /**
     * The pods of a node.
     *
     * @param isGuess whether the name is only this machine's name, perhaps not a node's: an empty list is then no
     *     answer
     */
    ApiServerPods(ApiClient server, String nodeName, boolean isGuess, int pageSize) {
        this.nodeName = nodeName;
        this.isGuess = isGuess;
        this.server = server;
        this.path = "/api/v1/pods?fieldSelector=" + Request.encode("spec.nodeName=" + nodeName);
        this.pageSize = pageSize;
    }

    @Override
    public List<Pod> pods(Duration timeout, UnaryOperator<Pod> keep) throws IOException, InterruptedException {
        List<Pod> pods = server.list(new Request(path, RULE, timeout), pageSize, Pod.class, keep);
        if (pods.isEmpty() && isGuess) {
            throw new IOException(
                    this + " knows of no pods on the node '" + nodeName + "', which is this machine's name: set"
                            + " NODE_NAME, by the downward API (spec.nodeName), or tagger.collectors.kubernetes.node-name");
        }
        return pods;
    }

    @Override
    public void close() {
        server.close();
    }

    @Override
    public String toString() {
        return "the API server at " + server;
    }
}
