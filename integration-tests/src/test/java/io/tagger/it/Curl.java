package io.tagger.it;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An agent's socket, asked with curl: a look costs milliseconds, where the command line would start a JVM. */
final class Curl {
    private final Path socket;

    Curl(Path socket) {
        this.socket = socket;
    }

    /** The body of an answer; empty if no agent answers. */
    String get(String path) throws IOException, InterruptedException {
        Process curl = new ProcessBuilder(
                        "curl", "-s", "--max-time", "60", "--unix-socket", socket.toString(), "http://localhost" + path)
                .start();
        String body = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        curl.waitFor();
        return body;
    }

    JsonObject json(String path) throws IOException, InterruptedException {
        return new JsonObject(get(path));
    }

    /** The low tags of an entity. */
    List<String> tags(String entity) throws IOException, InterruptedException {
        return json("/v1/tags?entity=" + entity).getJsonArray("tags").stream()
                .map(String.class::cast)
                .toList();
    }

    /** The status in the form of the command {@code collectors}: a line for each collector, then the issues. */
    String collectors() throws IOException, InterruptedException {
        JsonObject status = json("/v1/collectors");
        List<String> lines = new ArrayList<>();
        for (Object each : status.getJsonArray("collectors")) {
            JsonObject collector = (JsonObject) each;
            String error = collector.getString("last_error");
            lines.add(String.join(
                    " ",
                    collector.getString("name"),
                    collector.getString("mode"),
                    collector.getString("state"),
                    collector.getValue("entities").toString(),
                    collector.getString("reason"),
                    error.isEmpty() ? "" : "last error: " + error));
        }
        for (Object each : status.getJsonArray("issues")) {
            JsonObject issue = (JsonObject) each;
            lines.add(issue.getString("severity") + ": " + issue.getString("subject") + ": "
                    + issue.getString("message"));
        }
        return String.join("\n", lines);
    }
}
