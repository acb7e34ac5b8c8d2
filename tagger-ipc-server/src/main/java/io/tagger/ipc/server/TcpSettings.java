package io.tagger.ipc.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A port beside the socket. {@code reference.conf}, block {@code tagger.ipc.tcp}, has the purpose of each value.
 *
 * @param host the address to listen on
 * @param port the port; 0 takes a free port
 * @param tls the certificate and the key; empty: no encryption
 * @param token the file with the token of callers; empty: no token is required
 * @param insecureLoopback an explicit permission for neither encryption nor token, on a loopback address
 */
public record TcpSettings(String host, int port, Optional<Tls> tls, Optional<Path> token, boolean insecureLoopback) {
    /**
     * The server's identity.
     *
     * @param certificate PEM, with the chain up to the authority
     * @param key PEM, PKCS#8
     */
    public record Tls(Path certificate, Path key) {}

    /**
     * Refuses a port open to every caller.
     *
     * @throws IllegalArgumentException if encryption or token is missing, unless permitted on a loopback address; or if
     *     the host has no address
     */
    public TcpSettings {
        if (tls.isEmpty() || token.isEmpty()) {
            String missing = tls.isEmpty() ? "certificate and key" : "token-file";
            if (!insecureLoopback) {
                throw new IllegalArgumentException("tagger.ipc.tcp has no " + missing
                        + ": every caller that reaches " + host + ":" + port
                        + " could read every tag; set the value, or on a loopback"
                        + " address set insecure-loopback = true");
            }
            if (!isLoopback(host)) {
                throw new IllegalArgumentException("tagger.ipc.tcp has no " + missing + ", and " + host
                        + " is no loopback address: insecure-loopback = true does not apply");
            }
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("tagger.ipc.tcp: the host " + host + " has no address", e);
        }
    }
}
