package io.tagger.ipc.server;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs curl, a foreign client. */
final class Curl {
    private final Path socket;

    Curl(Path socket) {
        this.socket = socket;
    }

    /**
     * An answer.
     *
     * @param status the HTTP status; 0 if there was none
     * @param body the body
     */
    record Answer(int status, String body) {
        JsonObject json() {
            return new JsonObject(body);
        }

        String errorCode() {
            return json().getJsonObject("error").getString("code");
        }

        String errorMessage() {
            return json().getJsonObject("error").getString("message");
        }
    }

    Answer get(String path, String... options) throws IOException, InterruptedException {
        List<String> command = command(path, options);
        command.addAll(List.of("--max-time", "20", "--write-out", "\n%{http_code}"));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        int last = out.lastIndexOf('\n');
        return new Answer(Integer.parseInt(out.substring(last + 1)), out.substring(0, last));
    }

    /** Reads until destroyed. */
    Process follow(String path) throws IOException {
        List<String> command = command(path);
        command.add("--no-buffer");
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private List<String> command(String path, String... options) {
        List<String> command =
                new ArrayList<>(List.of("curl", "--silent", "--globoff", "--unix-socket", socket.toString()));
        command.addAll(List.of(options));
        command.add("http://localhost" + path);
        return command;
    }
}
