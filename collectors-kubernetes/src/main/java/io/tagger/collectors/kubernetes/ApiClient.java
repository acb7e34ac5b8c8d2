package io.tagger.collectors.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.tagger.collectors.common.RootCause;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** A kubelet or an API server, with credentials that may change at any time. Thread-safe. */
final class ApiClient implements Closeable {
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final String GZIP = "gzip";
    private static final int QUOTED = 200;

    /**
     * Ours follow no redirection: neither server has a reason to send one, and the token would go wherever it points. And they prefer ChaCha20:
     * the agent's JVM does without its second compiler, and with it without the machine's instructions for AES. On a node with 110 pods and AES,
     * three quarters of all the agent did was deciphering ({@code .ci/measure-kubernetes}: 1.97 % of a core, and 1.23 % with ChaCha20).
     */
    private static final JdkHttpClientFactory CLIENTS = new JdkHttpClientFactory() {
        @Override
        protected void additionalConfig(java.net.http.HttpClient.Builder client) {
            client.followRedirects(java.net.http.HttpClient.Redirect.NEVER);
            client.sslParameters(new SSLParameters(SUITES));
        }
    };

    private static final String[] SUITES = suites();

    private static String[] suites() {
        try {
            String[] suites = SSLContext.getDefault().getDefaultSSLParameters().getCipherSuites();
            Arrays.sort(suites, Comparator.comparing(suite -> !suite.contains("CHACHA20"))); // stable
            return suites;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no TLS", e);
        }
    }

    /** Makes something of an answer's body. */
    interface Reader<T> {
        T read(InputStream body) throws IOException;
    }

    private final CredentialFiles files;
    private final Supplier<Config> config;
    private final String wayOut;
    private @Nullable Session current; // guarded by this
    private boolean isClosed; // the same
    private String url; // the same

    /** A client with the credentials of a moment; it stays open until those who ask with it are done, whatever has changed meanwhile. */
    private static final class Session {
        final HttpClient client;
        final String url;
        int users; // guarded by the server
        boolean isRetired; // the same

        Session(HttpClient client, String url) {
            this.client = client;
            this.url = url;
        }

        void closeIfDone() {
            if (isRetired && users == 0) {
                client.close();
            }
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
     * Names a server; nothing is asked yet.
     *
     * @param files where its credentials come from; when one of them has changed, the configuration is made anew
     * @param config makes the configuration
     * @param url for errors, until the configuration names it
     * @param wayOut what to do if its certificate is not accepted; begins with what separates it from what is wrong
     */
    ApiClient(CredentialFiles files, Supplier<Config> config, String url, String wayOut) {
        this.wayOut = wayOut;
        this.files = files;
        this.config = config;
        this.url = url;
    }

    /**
     * Asks for something.
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
                throw new IOException(this + " GET " + request.path() + ": " + e.getMessage(), e);
            }
        } catch (AnswerException | UnauthorizedException e) {
            throw e;
        } catch (IOException e) {
            // Its connection may be dead without anybody having said so, or a file that its configuration names has
            // changed.
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

    /** Asks an API server for a list, and keeps the items as they are. */
    <T> List<T> list(Request request, int pageSize, Class<T> kind) throws IOException, InterruptedException {
        return list(request, pageSize, kind, UnaryOperator.identity());
    }

    /**
     * Asks an API server for a list, page by page.
     *
     * @param request without the parameters of a page
     * @param pageSize how many items an answer has at most
     * @param keep what to keep of an item
     * @throws IOException if there is no whole list
     */
    <T> List<T> list(Request request, int pageSize, Class<T> kind, UnaryOperator<T> keep)
            throws IOException, InterruptedException {
        List<T> items = new ArrayList<>();
        String limit = "limit=" + pageSize;
        // Version 0: what the server has in its cache, so that all the nodes of a large cluster do not reach its
        // database.
        // A continued list has the version of its first page, and must not name one.
        Request page = request.with("resourceVersion=0&" + limit);
        while (true) {
            ItemList<T> list = get(page, body -> ItemList.read(body, kind, keep));
            items.addAll(list.items());
            if (list.next().isEmpty()) {
                return items;
            }
            page = request.with(limit + "&continue=" + Request.encode(list.next()));
        }
    }

    private InputStream ask(Session session, Request request, Body body) throws IOException, InterruptedException {
        String what = " GET " + request.path();
        HttpRequest question = session.client
                .newHttpRequestBuilder()
                .uri(session.url + request.path())
                .header("Accept", request.accept())
                .header("Accept-Encoding", GZIP) // an API server does so where it is worth it
                // The same limit for the connection, which would wait on otherwise when we do not.
                .timeout(request.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .build();
        CompletableFuture<HttpResponse<AsyncBody>> answer = session.client.consumeBytes(question, body);
        HttpResponse<AsyncBody> response;
        try {
            response = answer.get(request.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw late(what, request, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HttpTimeoutException) {
                throw late(what, request, e.getCause());
            }
            throw new IOException(
                    this + " can't be asked: " + RootCause.words(e.getCause())
                            + (e.getCause() instanceof SSLException ? wayOut : ""),
                    e.getCause());
        } finally {
            answer.cancel(true);
        }
        body.from(response.body());
        InputStream text =
                GZIP.equalsIgnoreCase(response.header("Content-Encoding")) ? new GZIPInputStream(body) : body;
        if (response.code() == OK) {
            return text;
        }
        throw switch (response.code()) {
            case UNAUTHORIZED ->
                new UnauthorizedException(this + " does not accept " + files + " (401); see that it is of this cluster"
                        + files.missing());
            case AnswerException.FORBIDDEN ->
                new AnswerException(
                        AnswerException.FORBIDDEN, this + " forbids" + what + " (403): it wants " + request.rule());
            default ->
                new AnswerException(
                        response.code(), this + " answers" + what + " with " + response.code() + ": " + quote(text));
        };
    }

    private IOException late(String what, Request request, Throwable cause) {
        return new IOException(this + " does not begin to answer" + what + " within " + request.timeout(), cause);
    }

    /** Takes part in the session that there is, if it is not the one that was refused and its credentials have not changed, or opens one. */
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

    private synchronized void leave(Session session) {
        session.users--;
        session.closeIfDone();
    }

    private Session open() throws IOException {
        files.remember();
        try {
            Config read = config.get();
            url = read.getMasterUrl().replaceAll("/+$", "");
            return new Session(CLIENTS.newBuilder(read).build(), url);
        } catch (RuntimeException e) { // fabric8's, which are of no common kind
            throw new IOException(this + " can't be asked with " + files + ": " + RootCause.words(e), e);
        }
    }

    private static String quote(InputStream body) throws IOException {
        String text = new String(body.readNBytes(QUOTED), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "nothing" : text;
    }

    /** Ends the session; what is being asked may end as it likes. */
    @Override
    public synchronized void close() {
        isClosed = true;
        if (current != null) {
            current.client.close();
            current = null;
        }
    }

    @Override
    public synchronized String toString() {
        return url;
    }
}
