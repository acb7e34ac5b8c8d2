package io.tagger.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Asks each question of the command line once, of an agent in this process with empty answers: the training run for the
 * archive of classes from which a command starts. Prints nothing.
 */
public final class Training {
    private static final String ENTITY =
            "{\"entity\":\"host://none\",\"low\":[\"a:b\"],\"tags\":[\"a:b\"],\"complete\":true,\"sources\":[]}";
    private static final String COLLECTORS = "{\"mode\":\"local\",\"ready\":true,\"entities\":0,\"collectors\":[{"
            + "\"name\":\"host\",\"mode\":\"pull\",\"state\":\"running\",\"since\":\"2026-01-01T00:00:00Z\"}],"
            + "\"issues\":[]}";

    private Training() {}

    /**
     * Runs the questions.
     *
     * @param arguments of no use
     * @throws IOException if there is no room for a socket
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("tagger-training");
        Path socket = folder.resolve("agent.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread agent = new Thread(() -> serve(server), "training");
            agent.setDaemon(true);
            agent.start();
            for (String[] question : new String[][] {
                {"tag", "host://none"},
                {"tag", "host://none", "--json"},
                {"self"},
                {"list"},
                {"collectors"},
                {"explain", "host://none", "a"},
                {"watch"}
            }) {
                ask(question, socket);
            }
        } finally {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(folder);
        }
        System.exit(0);
    }

    private static void ask(String[] question, Path socket) {
        String[] all = new String[question.length + 2];
        System.arraycopy(question, 0, all, 0, question.length);
        all[question.length] = "--socket";
        all[question.length + 1] = socket.toString();
        Main.commandLine(all)
                .setOut(new PrintWriter(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(Writer.nullWriter()))
                .execute(all);
    }

    private static void serve(ServerSocketChannel server) {
        while (true) {
            try (SocketChannel caller = server.accept()) {
                ByteBuffer request = ByteBuffer.allocate(16_384);
                caller.read(request);
                String line = new String(request.array(), 0, request.position(), StandardCharsets.ISO_8859_1);
                String body = line.startsWith("GET /v1/collectors") ? COLLECTORS : ENTITY;
                if (line.startsWith("GET /v1/watch")) {
                    body = body.replaceFirst("\\{", "{\"type\":\"added\",");
                }
                String answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: " + (body.length() + 1)
                        + "\r\n\r\n" + body + "\n";
                caller.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.ISO_8859_1)));
            } catch (IOException e) {
                return; // the training is over
            }
        }
    }
}
