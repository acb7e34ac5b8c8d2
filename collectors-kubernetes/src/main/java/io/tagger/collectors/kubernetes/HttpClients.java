package io.tagger.collectors.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.Closeable;
import java.io.IOException;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Opens HTTP clients of one server. Thread-safe. */
final class HttpClients implements Closeable {
    /** The JDK's own pool starts a thread for each of many answers at a time; no answer blocks a thread here. */
    private static final int THREADS = 4;

    private static final long IDLE_SECONDS = 10;

    private static final String[] SUITES = suites();

    private final String serverName;
    private final ThreadPoolExecutor threads;

    /**
     * Prepares the clients.
     *
     * @param serverName the name in the certificate of the server; empty for the name in the URL
     */
    HttpClients(String serverName) {
        this.serverName = serverName;
        threads = new ThreadPoolExecutor(
                THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "tagger-kubernetes-http");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    private static String[] suites() {
        try {
            String[] suites = SSLContext.getDefault().getDefaultSSLParameters().getCipherSuites();
            Arrays.sort(suites, Comparator.comparing(suite -> !suite.contains("CHACHA20"))); // stable
            return suites;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no TLS", e);
        }
    }

    /**
     * Opens a client. The clients follow no redirection: neither server has a reason to redirect, and the token would
     * follow the redirection. The clients prefer ChaCha20 to AES: the agent's JVM runs without the second compiler, and
     * therefore without the machine's instructions for AES. {@code benchmarks/measure-kubernetes} shows the difference.
     *
     * @param version HTTP/1.1 for requests: over HTTP/2 an API server ends the connection with a refusal, and Java 17 loses
     *     the 401. HTTP/2 for watches, which share a connection
     * @throws IOException if a file of the configuration can't be read
     */
    HttpClient open(Config config, Version version) throws IOException, GeneralSecurityException {
        HttpClient.Builder client = new JdkHttpClientFactory() {
            @Override
            protected void additionalConfig(java.net.http.HttpClient.Builder builder) {
                builder.version(version);
                builder.executor(threads);
                builder.followRedirects(Redirect.NEVER);
                // Without names of protocols the JDK offers no HTTP/2.
                builder.sslParameters(new SSLParameters(SUITES, new String[] {"TLSv1.3", "TLSv1.2"}));
            }
        }.newBuilder(config);
        if (!serverName.isEmpty()) {
            client.sslContext(
                    SSLUtils.keyManagers(config), CertificateName.required(serverName, SSLUtils.trustManagers(config)));
        }
        return client.build();
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
