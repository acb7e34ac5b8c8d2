package io.tagger.collectors.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A kubelet or an API server, with credentials that may change at any time. Thread-safe. */
final class Server implements Closeable {
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int QUOTED = 200;

    /** Ours follow no redirection: neither server has a reason to send one, and the token would go wherever it points. */
    private static final JdkHttpClientFactory CLIENTS = new JdkHttpClientFactory() {
        @Override
        protected void additionalConfig(java.net.http.HttpClient.Builder client) {
            client.followRedirects(java.net.http.HttpClient.Redirect.NEVER);
        }
    };

    /** Makes something of an answer's body. */
    interface Reader<T> {
        T read(InputStream body) throws IOException;
    }

    private final CredentialFiles files;
    private final Supplier<Config> config;
    private @Nullable HttpClient client; // guarded by this
    private String url; // the same

    /**
     * Names a server; nothing is asked yet.
     *
     * @param files where its credentials come from; when one of them has changed, the configuration is made anew
     * @param config makes the configuration
     * @param url for errors, until the configuration names it
     */
    Server(CredentialFiles files, Supplier<Config> config, String url) {
        this.files = files;
        this.config = config;
        this.url = url;
    }

    /**
     * Asks for something.
     *
     * @param path with its query
     * @param rule what would allow it, for the error that says that it is not allowed
     * @param timeout how long the answer may take to begin
     * @throws IOException if there is no whole answer
     */
    <T> T get(String path, String rule, Duration timeout, Reader<T> reader) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = ask(path, timeout);
        if (response.code() == UNAUTHORIZED) {
            response.body().close();
            forget(); // the token may have been renewed a moment ago
            response = ask(path, timeout);
        }
        try (InputStream body = response.body()) {
            switch (response.code()) {
                case OK -> {
                    return reader.read(body);
                }
                case UNAUTHORIZED ->
                    throw new IOException(
                            this + " does not accept " + files + " (401); see that it is of this cluster");
                case FORBIDDEN ->
                    throw new AnswerException(FORBIDDEN, this + " forbids GET " + path + " (403): it wants " + rule);
                default ->
                    throw new AnswerException(
                            response.code(),
                            this + " answers GET " + path + " with " + response.code() + ": " + quote(body));
            }
        }
    }

    /**
     * Asks an API server for a list, page by page.
     *
     * @param path without the parameters of a page; may have a query
     * @param rule what would allow it
     * @param timeout how long each answer may take to begin
     * @param pageSize how many items an answer has at most
     * @throws IOException if there is no whole list
     */
    <T> List<T> list(String path, String rule, Duration timeout, int pageSize, Class<T> kind)
            throws IOException, InterruptedException {
        List<T> items = new ArrayList<>();
        String query = path + (path.contains("?") ? "&" : "?");
        String limit = "limit=" + pageSize;
        // Version 0: what the server has in its cache, so that all the nodes of a large cluster do not reach its
        // database.
        // A continued list has the version of its first page, and must not name one.
        String page = query + "resourceVersion=0&" + limit;
        while (true) {
            ItemList<T> list = get(page, rule, timeout, body -> ItemList.read(body, kind));
            items.addAll(list.items());
            if (list.next().isEmpty()) {
                return items;
            }
            page = query + limit + "&continue=" + encode(list.next());
        }
    }

    /** The rule that allows a verb on a resource, in words for an error. */
    static String rule(String group, String resource, String verb) {
        return "a ClusterRole with the rule {apiGroups: [" + group + "], resources: [" + resource + "], verbs: [" + verb
                + "]}";
    }

    /** A text as a part of a path or of a query. */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private HttpResponse<InputStream> ask(String path, Duration timeout) throws IOException, InterruptedException {
        HttpClient current;
        String from;
        synchronized (this) {
            if (client != null && files.haveChanged()) {
                forget();
            }
            current = client == null ? open() : client;
            client = current;
            from = url;
        }
        HttpRequest request = current.newHttpRequestBuilder()
                .uri(from + path)
                .header("Accept", "application/json")
                .build();
        CompletableFuture<HttpResponse<InputStream>> answer = current.sendAsync(request, InputStream.class);
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException(this + " does not begin to answer GET " + path + " within " + timeout, e);
        } catch (ExecutionException e) {
            throw new IOException(this + " can't be asked: " + reason(e.getCause()), e.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    private HttpClient open() throws IOException {
        files.remember();
        try {
            Config read = config.get();
            url = read.getMasterUrl().replaceAll("/+$", "");
            return CLIENTS.newBuilder(read).build();
        } catch (RuntimeException e) { // fabric8's, which are of no common kind
            throw new IOException(this + " can't be asked with " + files + ": " + reason(e), e);
        }
    }

    private synchronized void forget() {
        if (client != null) {
            client.close();
            client = null;
        }
    }

    private static String quote(InputStream body) throws IOException {
        String text = new String(body.readNBytes(QUOTED), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "nothing" : text;
    }

    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    @Override
    public void close() {
        forget();
    }

    @Override
    public synchronized String toString() {
        return url;
    }
}
