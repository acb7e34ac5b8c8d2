package io.tagger.collectors.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.tagger.collectors.common.RootCause;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient.Version;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A client of a kubelet or an API server, with credentials that may change at any time. Thread-safe. */
final class ApiClient implements Closeable {
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final String GZIP = "gzip";
    private static final int QUOTED = 200;

    /** The streams of a connection, of the 100 that an API server allows; the JDK fails beyond the server's number. */
    private static final int MAX_WATCHES = 90;

    /**
     * The remedies for usual faults; each begins with the separator after the fault, or is empty.
     *
     * @param certificate for a refused certificate of the server
     * @param noCertificate for a server without a certificate
     * @param credentials for refused credentials
     * @param serverName the name in the certificate of the server; empty for the name in the URL
     */
    record Remedies(String certificate, String noCertificate, String credentials, String serverName) {
        static final Remedies NONE = new Remedies("", "", "", "");
    }

    /** Converts the body of an answer. */
    interface Reader<T> {
        T read(InputStream body) throws IOException;
    }

    private final CredentialFiles files;
    private final Supplier<Config> config;
    private final Remedies remedies;
    private final HttpClients clients;
    private @Nullable Session current; // guarded by this
    private boolean isClosed; // guarded by this
    private String url; // guarded by this

    /**
     * A client with the credentials of a moment; the client stays open until its requests are done, even after a change
     * of the credentials.
     */
    private static final class Session {
        final HttpClient client;
        final HttpClient watcher;
        final String url;
        int users; // guarded by the ApiClient
        final Set<WatchStream> watches = ConcurrentHashMap.newKeySet();
        boolean isRetired; // guarded by the ApiClient

        Session(HttpClient client, HttpClient watcher, String url) {
            this.client = client;
            this.watcher = watcher;
            this.url = url;
        }

        void closeIfDone() {
            if (isRetired && users == 0) {
                close();
            }
        }

        void close() {
            client.close();
            watcher.close();
        }
    }

    /** A connection has been silent for too long, and is taken for dead. */
    static final class SilenceException extends IOException {
        private static final long serialVersionUID = 1L;

        SilenceException(String message) {
            super(message);
        }
    }

    /** The credentials are not accepted. */
    private static final class UnauthorizedException extends IOException {
        private static final long serialVersionUID = 1L;

        UnauthorizedException(String message) {
            super(message);
        }
    }

    /**
     * Makes a client, without a request.
     *
     * @param files the files of the credentials; after a change of a file the configuration is made anew
     * @param config makes the configuration
     * @param url the name for errors, until the configuration has a name
     * @param remedies the remedies for usual faults of this server
     */
    ApiClient(CredentialFiles files, Supplier<Config> config, String url, Remedies remedies) {
        this.remedies = remedies;
        this.clients = new HttpClients(remedies.serverName);
        this.files = files;
        this.config = config;
        this.url = url;
    }

    /**
     * Sends a request.
     *
     * @throws IOException if there is no whole answer
     */
    <T> T get(Request request, Reader<T> reader) throws IOException, InterruptedException {
        Session first = enter(null);
        try {
            return read(first, request, reader);
        } catch (UnauthorizedException e) {
            return read(enter(first), request, reader); // the token may have been renewed a moment ago
        }
    }

    private <T> T read(Session session, Request request, Reader<T> reader) throws IOException, InterruptedException {
        try (Body body = new Body(request.timeout())) {
            InputStream text = ask(session, request, body);
            try {
                T read = reader.read(text);
                body.read(); // up to the end, or the connection could not be used again
                return read;
            } catch (IOException e) {
                throw new IOException(this + " " + request + ": " + e.getMessage(), e);
            }
        } catch (AnswerException | UnauthorizedException e) {
            throw e;
        } catch (IOException e) {
            // The connection may be dead without a notice, or a file of the configuration has changed.
            retire(session);
            throw e;
        } finally {
            leave(session);
        }
    }

    private synchronized void retire(Session session) {
        session.isRetired = true;
        if (current == session) {
            current = null;
        }
    }

    /**
     * Asks an API server for a list, page by page.
     *
     * @param request without the parameters of a page
     * @param version the oldest allowed version of the list, as a query parameter: {@code resourceVersion=0} for any;
     *     empty for the newest
     * @param pageSize how many items an answer has at most; an answer from the server's cache has all items
     * @param keep selects the kept part of an item
     * @throws IOException if there is no whole list
     */
    <T> ItemList<T> list(Request request, String version, int pageSize, Class<T> kind, UnaryOperator<T> keep)
            throws IOException, InterruptedException {
        List<T> items = new ArrayList<>();
        String limit = "limit=" + pageSize;
        // A continued list has the version of its first page, and must not name a version.
        Request page = request.with(version.isEmpty() ? limit : version + "&" + limit);
        while (true) {
            ItemList<T> list;
            try {
                list = get(page, body -> ItemList.read(body, kind, keep));
            } catch (AnswerException e) {
                if (items.isEmpty() || !e.isGone()) {
                    throw e;
                }
                // The database has dropped the version of the first page; a list in one answer can't lose its version.
                return get(request, body -> ItemList.read(body, kind, keep));
            }
            items.addAll(list.items());
            if (list.next().isEmpty()) {
                return new ItemList<>(items, "", list.version());
            }
            page = request.with(limit + "&continue=" + Request.encode(list.next()));
        }
    }

    /**
     * Begins a watch: an answer of a line for each event, without an end of its own. Does not wait for the answer.
     *
     * @param lines receives the lines and the end, on threads of the client; blocks for moments only
     * @return the watch, to be closed
     * @throws IOException if the collector is closed, or the credentials are not usable
     */
    WatchStream watch(Request request, WatchStream.Lines lines) throws IOException {
        Session session = enterWatch();
        HttpRequest question = session.watcher
                .newHttpRequestBuilder()
                .uri(session.url + request.path())
                .header("Accept", request.accept())
                .build();
        WatchStream stream = new WatchStream(lines, (ended, failure) -> {
            session.watches.remove(ended);
            if (failure instanceof UnauthorizedException || failure != null && !(failure instanceof AnswerException)) {
                retire(session);
            }
            if (failure instanceof SilenceException) {
                session.watches.forEach(other -> other.fail(failure)); // of the same connection
            }
            leave(session);
        });
        session.watches.add(stream);
        stream.begin(
                session.watcher.consumeBytes(question, stream),
                request.timeout(),
                response -> refusal(request, response.code(), stream.text()),
                failure -> unreached(request, failure));
        return stream;
    }

    private InputStream ask(Session session, Request request, Body body) throws IOException, InterruptedException {
        HttpRequest question = session.client
                .newHttpRequestBuilder()
                .uri(session.url + request.path())
                .header("Accept", request.accept())
                .header("Accept-Encoding", GZIP) // an API server compresses large answers
                // The same limit for the connection, or else the connection would outlive our wait.
                .timeout(request.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .build();
        CompletableFuture<HttpResponse<AsyncBody>> answer = session.client.consumeBytes(question, body);
        HttpResponse<AsyncBody> response;
        try {
            response = answer.get(request.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw unreached(request, e);
        } catch (ExecutionException e) {
            throw unreached(request, e.getCause());
        } finally {
            answer.cancel(true);
        }
        body.from(response.body());
        InputStream text =
                GZIP.equalsIgnoreCase(response.header("Content-Encoding")) ? new GZIPInputStream(body) : body;
        if (response.code() == OK) {
            return text;
        }
        throw refusal(request, response.code(), quote(text));
    }

    private IOException refusal(Request request, int code, String text) {
        return switch (code) {
            case UNAUTHORIZED ->
                new UnauthorizedException(this + " does not accept " + files
                        + " (401); check that the credentials belong to this cluster" + files.missing()
                        + remedies.credentials);
            case AnswerException.FORBIDDEN ->
                new AnswerException(
                        AnswerException.FORBIDDEN, this + " forbids " + request + " (403): it wants " + request.rule());
            default -> new AnswerException(code, this + " answers " + request + " with " + code + ": " + text);
        };
    }

    private IOException unreached(Request request, Throwable cause) {
        if (cause instanceof TimeoutException || cause instanceof HttpTimeoutException) {
            return new IOException(
                    this + " does not begin to answer " + request + " within " + Problems.words(request.timeout()),
                    cause);
        }
        return new IOException(
                this + " can't be asked: " + RootCause.words(cause)
                        + (cause instanceof SSLException tls ? remedy(tls) : ""),
                cause);
    }

    private String remedy(SSLException cause) {
        String message = String.valueOf(cause.getMessage());
        // The alert of a server of Go whose certificate is yet to be issued.
        return message.contains("internal_error") ? remedies.noCertificate : remedies.certificate;
    }

    /**
     * Enters the present session, unless the session was refused or the credentials have changed, or opens a session.
     */
    private synchronized Session enter(@Nullable Session refused) throws IOException {
        if (isClosed) {
            throw new IOException(this + " is not asked any more, because the collector is closed");
        }
        if (current != null && (current == refused || files.haveChanged())) {
            Session last = current;
            retire(last);
            last.closeIfDone();
        }
        if (current == null) {
            current = open();
        }
        current.users++;
        return current;
    }

    /** Enters a session with room for a watch; a full session is left to its watches. */
    private synchronized Session enterWatch() throws IOException {
        if (current != null && current.watches.size() >= MAX_WATCHES) {
            retire(current);
        }
        return enter(null);
    }

    private synchronized void leave(Session session) {
        session.users--;
        session.closeIfDone();
    }

    private Session open() throws IOException {
        files.remember();
        try {
            Config read = config.get();
            url = read.getMasterUrl().replaceAll("/+$", "");
            return new Session(clients.open(read, Version.HTTP_1_1), clients.open(read, Version.HTTP_2), url);
        } catch (RuntimeException | GeneralSecurityException e) { // exceptions of fabric8, without a common type
            throw new IOException(this + " can't be asked with " + files + ": " + RootCause.words(e), e);
        }
    }

    private static String quote(InputStream body) throws IOException {
        String text = new String(body.readNBytes(QUOTED), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "nothing" : text;
    }

    /** Ends the session; running requests may end in any way. */
    @Override
    public synchronized void close() {
        isClosed = true;
        if (current != null) {
            current.close();
            current = null;
        }
        clients.close();
    }

    @Override
    public synchronized String toString() {
        return url;
    }
}
