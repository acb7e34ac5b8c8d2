package io.tagger.collectors.kubernetes;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** The API server, asked for the pods of one node. */
final class ApiServerPods implements PodSource {
    private static final String RULE = Request.rule("", "pods", "list");

    private final Server server;
    private final String path;
    private final int pageSize;

    ApiServerPods(Server server, String nodeName, int pageSize) {
        this.server = server;
        this.path = "/api/v1/pods?fieldSelector=" + Request.encode("spec.nodeName=" + nodeName);
        this.pageSize = pageSize;
    }

    @Override
    public List<Pod> pods(Duration timeout, UnaryOperator<Pod> keep) throws IOException, InterruptedException {
        return server.list(new Request(path, RULE, timeout), pageSize, Pod.class, keep);
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
