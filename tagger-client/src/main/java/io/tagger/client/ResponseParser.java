package io.tagger.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Reads the responses of HTTP/1.1 from the bytes of a connection, one after the other. On the thread of the loop. Every
 * part is bounded: a head of 16 KB, lines of a chunk's size of 64 bytes.
 */
final class ResponseParser {
    private static final int HEAD_BYTES = 16 * 1024;
    private static final int LINE_BYTES = 64;

    private final Body body;
    private byte[] head = new byte[512];
    private int headEnd;
    private State state = State.HEAD;
    private long left; // of the body, or of the chunk
    private boolean keepsAlive = true;
    private boolean hasEnded; // in the bytes of this turn

    private enum State {
        HEAD,
        LENGTH,
        CHUNK_LINE,
        CHUNK,
        CHUNK_END,
        TRAILER,
        UNTIL_CLOSE
    }

    /** Receives the parts of a response. */
    interface Body {
        /** The head has come. */
        void begin(int status) throws IOException;

        /** Bytes of the body; they are valid during the call. */
        void bytes(byte[] bytes, int from, int end) throws IOException;

        /** The response is over. */
        void end() throws IOException;
    }

    ResponseParser(Body body) {
        this.body = body;
    }

    /** Whether the connection may be used for a further request. */
    boolean keepsAlive() {
        return keepsAlive;
    }

    /** Takes bytes; an {@link IOException} says what is wrong with them. */
    void take(byte[] bytes, int from, int end) throws IOException {
        int at = from;
        hasEnded = false;
        while (at < end) {
            if (hasEnded) {
                throw new IOException("the agent's answer is longer than its length");
            }
            switch (state) {
                case HEAD -> at = head(bytes, at, end);
                case LENGTH, CHUNK -> at = body(bytes, at, end);
                case CHUNK_LINE, CHUNK_END, TRAILER -> at = line(bytes, at, end);
                case UNTIL_CLOSE -> {
                    body.bytes(bytes, at, end);
                    at = end;
                }
            }
        }
    }

    /** The connection has ended: only the end of a body without a length is no failure. */
    boolean endsWithConnection() {
        return state == State.UNTIL_CLOSE;
    }

    private int body(byte[] bytes, int from, int end) throws IOException {
        int count = (int) Math.min(left, end - from);
        left -= count;
        State now = state;
        body.bytes(bytes, from, from + count);
        if (left == 0) {
            if (now == State.LENGTH) {
                finish();
            } else {
                state = State.CHUNK_END;
            }
        }
        return from + count;
    }

    private int line(byte[] bytes, int from, int end) throws IOException {
        int at = from;
        while (at < end) {
            byte b = bytes[at++];
            if (b == '\n') {
                int length = headEnd > 0 && head[headEnd - 1] == '\r' ? headEnd - 1 : headEnd;
                headEnd = 0;
                line(length);
                return at;
            }
            if (headEnd == LINE_BYTES) {
                throw new IOException("the agent's answer is no HTTP: a line of a chunk has no end");
            }
            head[headEnd++] = b;
        }
        return at;
    }

    private void line(int length) throws IOException {
        if (state == State.CHUNK_LINE) {
            chunk(new String(head, 0, length, StandardCharsets.ISO_8859_1));
        } else if (state == State.CHUNK_END) {
            state = State.CHUNK_LINE;
        } else if (length == 0) {
            finish();
        }
    }

    private void chunk(String line) throws IOException {
        int semicolon = line.indexOf(';');
        String size = (semicolon < 0 ? line : line.substring(0, semicolon)).strip();
        try {
            left = Long.parseLong(size, 16);
        } catch (NumberFormatException e) {
            left = -1;
        }
        if (left < 0) {
            throw new IOException("the agent's answer is no HTTP: '" + size + "' is no size of a chunk");
        }
        state = left == 0 ? State.TRAILER : State.CHUNK;
    }

    private int head(byte[] bytes, int from, int end) throws IOException {
        int at = from;
        while (at < end) {
            byte b = bytes[at++];
            if (headEnd == head.length) {
                if (headEnd == HEAD_BYTES) {
                    throw new IOException(
                            "the agent's answer is no HTTP: its head has no end within " + HEAD_BYTES + " bytes");
                }
                head = java.util.Arrays.copyOf(head, head.length * 2);
            }
            head[headEnd++] = b;
            if (b == '\n' && (ends("\r\n\r\n") || ends("\n\n"))) {
                String text = new String(head, 0, headEnd, StandardCharsets.ISO_8859_1);
                headEnd = 0;
                begin(text.split("\r?\n"));
                return at;
            }
        }
        if (headEnd > 4 && !new String(head, 0, 5, StandardCharsets.ISO_8859_1).equals("HTTP/")) {
            throw new IOException("the agent's answer is no HTTP");
        }
        return at;
    }

    private boolean ends(String text) {
        for (int i = 0; i < text.length(); i++) {
            int at = headEnd - text.length() + i;
            if (at < 0 || head[at] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void begin(String[] lines) throws IOException {
        int status = status(lines[0]);
        String length = null;
        boolean chunked = false;
        keepsAlive = lines[0].startsWith("HTTP/1.1");
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon < 1) {
                throw new IOException("the agent's answer is no HTTP: '" + lines[i] + "' is no header");
            }
            String value = lines[i].substring(colon + 1).strip();
            switch (lines[i].substring(0, colon).toLowerCase(Locale.ROOT)) {
                case "content-length" -> length = value;
                case "transfer-encoding" ->
                    chunked = value.toLowerCase(Locale.ROOT).contains("chunked");
                case "connection" -> keepsAlive &= !value.equalsIgnoreCase("close");
                default -> {} // of no use here
            }
        }
        body.begin(status);
        if (chunked) {
            state = State.CHUNK_LINE;
        } else if (length != null) {
            left = length(length);
            state = State.LENGTH;
            if (left == 0) {
                finish();
            }
        } else if (status == 204 || status == 304) {
            finish();
        } else {
            keepsAlive = false;
            state = State.UNTIL_CLOSE;
        }
    }

    private static int status(String line) throws IOException {
        String[] words = line.split(" ", 3);
        if (words.length >= 2 && words[0].startsWith("HTTP/1.") && words[1].matches("[2-5][0-9]{2}")) {
            return Integer.parseInt(words[1]);
        }
        throw new IOException("the agent's answer is no HTTP: it begins with '" + line + "'");
    }

    private static long length(String text) throws IOException {
        try {
            long length = Long.parseLong(text);
            if (length >= 0) {
                return length;
            }
        } catch (NumberFormatException e) {
            // As a negative one.
        }
        throw new IOException("the agent's answer is no HTTP: its length is '" + text + "'");
    }

    private void finish() throws IOException {
        hasEnded = true;
        state = State.HEAD;
        headEnd = 0;
        body.end();
    }
}
