package io.tagger.collectors.kubernetes;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The API server, asked for the pods of one node, page by page. */
final class ApiServerPods implements PodSource {
    private static final String RULE =
            "a ClusterRole with the rule {apiGroups: [\"\"], resources: [pods], verbs: [list]}";

    private final Server server;
    private final String path;

    ApiServerPods(Server server, String nodeName, int pageSize) {
        this.server = server;
        // Version 0: what the server has in its cache, so that all the nodes of a large cluster do not reach its
        // database.
        this.path = "/api/v1/pods?fieldSelector=" + encode("spec.nodeName=" + nodeName) + "&resourceVersion=0&limit="
                + pageSize;
    }

    @Override
    public List<Pod> pods(Duration timeout) throws IOException, InterruptedException {
        List<Pod> pods = new ArrayList<>();
        String page = path;
        while (true) {
            ItemList<Pod> list = server.get(page, RULE, timeout, body -> ItemList.read(body, Pod.class));
            pods.addAll(list.items());
            if (list.next().isEmpty()) {
                return pods;
            }
            // A continued list has the version of its first page, and must not name one.
            page = path.replace("&resourceVersion=0", "") + "&continue=" + encode(list.next());
        }
    }

    @Override
    public void close() {
        server.close();
    }

    @Override
    public String toString() {
        return "the API server at " + server;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
