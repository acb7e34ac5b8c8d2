package io.tagger.collectors.kubernetes;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** The kubelet of this node. */
final class KubeletPods implements PodSource {
    /** With fine-grained authorization a kubelet requires this right alone; earlier versions require nodes/proxy. */
    private static final String RULE =
            Request.rule("", "nodes/pods", "get") + " (an older kubelet, without nodes/pods, requires nodes/proxy)";

    private final ApiClient server;

    KubeletPods(ApiClient server) {
        this.server = server;
    }

    @Override
    public List<Pod> pods(Duration timeout, UnaryOperator<Pod> keep) throws IOException, InterruptedException {
        return server.get(new Request("/pods", RULE, timeout), body -> ItemList.read(body, Pod.class, keep))
                .items();
    }

    @Override
    public void close() {
        server.close();
    }

    @Override
    public String toString() {
        return "the kubelet at " + server;
    }
}
