package io.tagger.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Queue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/** The encryption of one connection, by the JDK. On the thread of the loop, except {@link #to}. */
final class Tls {
    private final SSLEngine engine;
    private final ByteBuffer encrypted;
    private boolean isEstablished;

    private Tls(SSLEngine engine) {
        this.engine = engine;
        encrypted = ByteBuffer.allocate(engine.getSession().getPacketBufferSize() * 2);
    }

    /** Reads the trusted certificates; may block. */
    static Tls to(Endpoint.Tcp endpoint) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(
                    endpoint.authority().isPresent()
                            ? store(endpoint.authority().get())
                            : null);
            context.init(null, trust.getTrustManagers(), null);
            SSLEngine engine = context.createSSLEngine(endpoint.host(), endpoint.port());
            engine.setUseClientMode(true);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            parameters.setApplicationProtocols(new String[] {"http/1.1"});
            engine.setSSLParameters(parameters);
            return new Tls(engine);
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificates to trust are not usable: " + e.getMessage(), e);
        }
    }

    private static KeyStore store(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(file)) {
            int number = 0;
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("trusted-" + number++, one);
            }
        }
        return store;
    }

    void begin() throws SSLException {
        engine.beginHandshake();
    }

    /** Whether the handshake is over. */
    boolean isEstablished() {
        return isEstablished;
    }

    /** Where to read encrypted bytes to. */
    ByteBuffer encrypted() {
        return encrypted;
    }

    /**
     * Continues the handshake, and decrypts the bytes received.
     *
     * @param plain takes decrypted bytes
     * @param outgoing takes bytes for the agent
     * @param taken called after each step that may have filled the plain buffer
     */
    void progress(ByteBuffer plain, Queue<ByteBuffer> outgoing, Runnable taken) throws IOException {
        encrypted.flip();
        try {
            while (true) {
                HandshakeStatus status = engine.getHandshakeStatus();
                if (status == HandshakeStatus.NEED_TASK) {
                    for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                        task.run();
                    }
                    continue;
                }
                if (status == HandshakeStatus.NEED_WRAP) {
                    encrypt(ByteBuffer.allocate(0), outgoing);
                    continue;
                }
                SSLEngineResult result = engine.unwrap(encrypted, plain);
                isEstablished |= result.getHandshakeStatus() == HandshakeStatus.FINISHED
                        || engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
                taken.run();
                if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                    throw new EOFException("the agent has closed the connection");
                }
                boolean stands = result.bytesConsumed() == 0 && result.bytesProduced() == 0;
                if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW
                        || stands && engine.getHandshakeStatus() == status) {
                    return;
                }
            }
        } finally {
            encrypted.compact();
        }
    }

    /** Encrypts bytes for the agent. */
    void encrypt(ByteBuffer plain, Queue<ByteBuffer> outgoing) throws IOException {
        do {
            ByteBuffer packet = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            SSLEngineResult result = engine.wrap(plain, packet);
            isEstablished |= result.getHandshakeStatus() == HandshakeStatus.FINISHED;
            if (packet.position() > 0) {
                outgoing.add(packet.flip());
            }
            if (result.getStatus() == SSLEngineResult.Status.CLOSED || result.bytesProduced() == 0) {
                return;
            }
        } while (plain.hasRemaining());
    }
}
