package io.tagger.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The connections for questions with a short answer: a question takes an idle connection, opens a new one, or waits for
 * one. On the thread of the loop.
 */
final class ConnectionPool {
    /** The greatest number of questions under way; a question that the agent passes on to a collector keeps its connection for seconds. */
    private static final int MOST = 16;

    /** Less than the idle time after which an agent closes a connection. */
    private static final Duration IDLE = Duration.ofSeconds(20);

    private final EventLoop loop;
    private final Endpoint endpoint;
    private final ByteBuffer incoming;
    private final Deque<HttpConnection> idle = new ArrayDeque<>();
    private final Queue<Question> waiting = new ArrayDeque<>();
    private int uses;
    private int bounded; // questions under way that count against the bound

    /** A request that has not been answered. */
    static final class Question {
        private final byte[] request;
        private final HttpConnection.Response response;
        private final boolean mayQueue;
        private boolean isOver;
        private boolean wasSentAgain;
        private @Nullable HttpConnection connection;

        /**
         * Makes a question.
         *
         * @param mayQueue whether the question waits while many others are under way; false for a question that waits at the
         *     agent, and for a look at the agent's health
         */
        Question(byte[] request, boolean mayQueue, HttpConnection.Response response) {
            this.request = request;
            this.mayQueue = mayQueue;
            this.response = response;
        }
    }

    ConnectionPool(EventLoop loop, Endpoint endpoint, ByteBuffer incoming) {
        this.loop = loop;
        this.endpoint = endpoint;
        this.incoming = incoming;
    }

    /** Asks a question. */
    void ask(Question question) {
        if (question.isOver) {
            return;
        }
        HttpConnection connection = idle.pollLast();
        while (connection != null && !connection.isUsable()) {
            connection = idle.pollLast();
        }
        if (question.mayQueue && bounded >= MOST) {
            if (connection != null) {
                idle.addLast(connection);
            }
            waiting.add(question);
            return;
        }
        bounded += question.mayQueue ? 1 : 0;
        if (connection == null) {
            connection = new HttpConnection(loop, endpoint, incoming);
        }
        HttpConnection used = connection;
        question.connection = used;
        used.ask(question.request, new Passed(question, used));
    }

    /** Gives a question up: nothing more is told about it. No effect after the answer. */
    void giveUp(Question question) {
        HttpConnection connection = question.connection;
        if (question.isOver) {
            return;
        }
        question.isOver = true;
        if (connection != null) {
            connection.close(); // its answer would be taken for the next question's
            ended(question);
        }
    }

    /** A question no longer holds its connection. */
    private void ended(Question question) {
        question.connection = null;
        bounded -= question.mayQueue ? 1 : 0;
        next();
    }

    /** Closes the idle connections: the socket now belongs to another agent. */
    void closeIdle() {
        idle.forEach(HttpConnection::close);
        idle.clear();
    }

    private void free(HttpConnection connection) {
        if (!connection.isUsable()) {
            connection.close();
        } else {
            idle.addLast(connection);
            connection.whenLost(() -> idle.remove(connection));
            int now = ++uses;
            loop.after(IDLE, () -> {
                if (uses == now) {
                    closeIdle();
                }
            });
        }
    }

    private void next() {
        Question next = waiting.poll();
        while (next != null && next.isOver) {
            next = waiting.poll();
        }
        if (next != null) {
            ask(next);
        }
    }

    /** Passes a response on, and takes the connection back. */
    private final class Passed implements HttpConnection.Response {
        private final Question question;
        private final HttpConnection connection;

        Passed(Question question, HttpConnection connection) {
            this.question = question;
            this.connection = connection;
        }

        @Override
        public void begin(int status) throws IOException {
            question.response.begin(status);
        }

        @Override
        public void bytes(byte[] bytes, int from, int end) throws IOException {
            question.response.bytes(bytes, from, end);
        }

        @Override
        public void end() throws IOException {
            question.isOver = true;
            free(connection);
            ended(question);
            question.response.end();
        }

        @Override
        public void failed(Exception reason, boolean isStale) {
            question.connection = null;
            if (isStale && !question.wasSentAgain) {
                question.wasSentAgain = true;
                closeIdle(); // the other connections are as old
                bounded -= question.mayQueue ? 1 : 0;
                ask(question);
                return;
            }
            question.isOver = true;
            ended(question);
            question.response.failed(reason, isStale);
        }
    }
}
