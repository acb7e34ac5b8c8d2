package io.tagger.ipc.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A port that is served beside the socket. What each value is for stands in {@code reference.conf}, block {@code tagger.ipc.tcp}.
 *
 * @param host the address to listen on
 * @param port the port; 0 takes one that is free
 * @param tls the certificate and its key; without them nothing is encrypted
 * @param token the file with the token that callers must bring; without it they need none
 * @param insecureLoopback that it is meant so: neither encrypted nor with a token, on a loopback address
 */
public record TcpSettings(String host, int port, Optional<Tls> tls, Optional<Path> token, boolean insecureLoopback) {
    /**
     * What the server shows.
     *
     * @param certificate PEM, with the chain up to its authority
     * @param key PEM, PKCS#8
     */
    public record Tls(Path certificate, Path key) {}

    /**
     * Refuses what would let everybody in.
     *
     * @throws IllegalArgumentException if it is not both encrypted and protected by a token, unless it is loopback and meant so; or if the
     *     host has no address
     */
    public TcpSettings {
        if (tls.isEmpty() || token.isEmpty()) {
            String missing = tls.isEmpty() ? "certificate and key" : "token-file";
            if (!insecureLoopback) {
                throw new IllegalArgumentException("tagger.ipc.tcp has no " + missing
                        + ": everybody who reaches " + host + ":" + port
                        + " could read every tag; set it, or on a loopback"
                        + " address say insecure-loopback = true");
            }
            if (!isLoopback(host)) {
                throw new IllegalArgumentException("tagger.ipc.tcp has no " + missing + ", and " + host
                        + " is no loopback address: insecure-loopback = true does not hold for it");
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
