package io.tagger.datadog;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The certificate of the port and the key, in the one file of the Datadog Agent: the processes trust exactly this
 * certificate. A missing file is made as by a core agent: on the curve P-256, self-signed, valid for 50
 * years, for localhost and the loopback addresses.
 */
final class IpcCertificate {
    private static final int DAYS = 50 * 365;
    private static final int SECONDS = 20;
    private static final int COORDINATE = 32; // bytes, of P-256
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String KEY = "EC PRIVATE KEY";
    private static final String ALIAS = "ipc";

    /** An ECPrivateKey of RFC 5915 on P-256, up to the private number; between the numbers; the tag of an uncompressed point. */
    private static final String HEAD = "30770201010420";

    private static final String MIDDLE = "a00a06082a8648ce3d030107a14403420004";

    private IpcCertificate() {}

    /**
     * Checks the file, and makes the file if there is none.
     *
     * @throws IllegalStateException if the file can't be read or made, or has no certificate with a key
     */
    static void check(Path file, Duration patience) {
        Path folder = file.toAbsolutePath().getParent();
        String pem = new SharedFile(file, patience).findOrMake(() -> make(folder));
        try {
            CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
        } catch (CertificateException e) {
            throw new IllegalStateException("the certificate " + file + " can't be read: " + e.getMessage(), e);
        }
        if (!pem.contains("PRIVATE KEY-----")) {
            throw new IllegalStateException("the file " + file + " has no private key behind the certificate");
        }
    }

    /** Makes the text of the file with keytool, a part of every Java. */
    private static String make(Path folder) throws IOException {
        Path work = Files.createTempDirectory(folder, ".tagger-"); // for the owner alone
        Path store = work.resolve("store.p12");
        byte[] secret = new byte[16];
        new SecureRandom().nextBytes(secret);
        String password = HexFormat.of().formatHex(secret);
        try {
            keytool(store, password);
            return text(store, password.toCharArray());
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificate that keytool has made can't be read", e);
        } finally {
            Files.deleteIfExists(store);
            Files.deleteIfExists(work);
        }
    }

    private static void keytool(Path store, String password) throws IOException {
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        if (!Files.isExecutable(keytool)) {
            throw new IOException(
                    "this Java has no " + keytool
                            + " to make a certificate: start a Datadog process first, which makes the file, or copy the file here");
        }
        ProcessBuilder command = new ProcessBuilder(List.of(
                        keytool.toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-sigalg",
                        "SHA256withECDSA",
                        "-dname",
                        "O=\"Datadog, Inc.\"",
                        "-validity",
                        String.valueOf(DAYS),
                        "-ext",
                        "bc:critical=ca:true",
                        "-ext",
                        "ku:critical=digitalSignature,keyCertSign,cRLSign",
                        "-ext",
                        "eku=serverAuth,clientAuth",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1,ip:::1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass:env",
                        "TAGGER_STORE"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        command.environment().put("TAGGER_STORE", password); // a command line is for all users to read
        Process process = command.start();
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("keytool has not made a certificate within " + SECONDS + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException("keytool has not made a certificate: exit code " + process.exitValue());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String text(Path store, char[] password) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, password);
        }
        X509Certificate certificate = (X509Certificate) keys.getCertificate(ALIAS);
        ECPrivateKey key = (ECPrivateKey) keys.getKey(ALIAS, password);
        return block(CERTIFICATE, certificate.getEncoded())
                + block(KEY, key((ECPublicKey) certificate.getPublicKey(), key));
    }

    /** The key as Go and OpenSSL write it; Java writes PKCS#8 alone. */
    private static byte[] key(ECPublicKey open, ECPrivateKey secret) {
        return HexFormat.of()
                .parseHex(HEAD
                        + hex(secret.getS())
                        + MIDDLE
                        + hex(open.getW().getAffineX())
                        + hex(open.getW().getAffineY()));
    }

    private static String hex(BigInteger number) {
        String digits = number.toString(16);
        return "0".repeat(2 * COORDINATE - digits.length()) + digits;
    }

    private static String block(String name, byte[] content) {
        return "-----BEGIN " + name + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
                + "\n-----END " + name + "-----\n";
    }
}
