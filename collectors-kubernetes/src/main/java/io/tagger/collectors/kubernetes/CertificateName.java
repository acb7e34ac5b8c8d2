package io.tagger.collectors.kubernetes;

import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Trusts a server whose certificate is signed by a trusted authority and has a given name, whatever the address of the
 * server: a kubelet's certificate may have the name of the node alone, while the node is reached by an address. The JDK's
 * client checks the name in the URL, and can't be given another name.
 */
final class CertificateName extends X509ExtendedTrustManager {
    private static final int DNS = 2; // RFC 5280, GeneralName
    private static final int IP = 7;

    /** An address in numbers, of version 4 or 6. */
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*");

    private final String name;
    private final X509TrustManager chains;

    private CertificateName(String name, X509TrustManager chains) {
        this.name = name.toLowerCase(Locale.ROOT);
        this.chains = chains;
    }

    /** The trust managers with the check of the name in place of the check of the address. */
    static TrustManager[] required(String name, TrustManager[] chains) {
        return Arrays.stream(chains)
                .map(manager -> manager instanceof X509TrustManager known ? new CertificateName(name, known) : manager)
                .toArray(TrustManager[]::new);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        chains.checkServerTrusted(chain, type);
        Collection<List<?>> names = chain[0].getSubjectAlternativeNames();
        if (names == null || names.stream().noneMatch(this::isName)) {
            throw new CertificateException("the certificate does not have the name '" + name
                    + "' (kubelet.server-name), but "
                    + (names == null
                            ? "none"
                            : names.stream().map(one -> one.get(1).toString()).toList()));
        }
    }

    private boolean isName(List<?> alternative) {
        int kind = (Integer) alternative.get(0);
        String given = alternative.get(1).toString().toLowerCase(Locale.ROOT);
        if (ADDRESS.matcher(name).matches()) {
            return kind == IP && isSameAddress(given);
        } else if (kind == DNS && given.startsWith("*.")) {
            int dot = name.indexOf('.');
            return dot > 0 && name.substring(dot).equals(given.substring(1));
        }
        return kind == DNS && given.equals(name);
    }

    /** Compares addresses in numbers: a name is never looked up. */
    private boolean isSameAddress(String given) {
        try {
            return ADDRESS.matcher(given).matches()
                    && InetAddress.getByName(given).equals(InetAddress.getByName(name));
        } catch (UnknownHostException e) {
            return false; // no address in a known form
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("this process is no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return chains.getAcceptedIssuers();
    }
}
