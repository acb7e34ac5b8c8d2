package io.tagger.ipc.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The parts of the status page, from the class path. The page of the socket asks the agent itself, from the browser; the
 * page of the status port is a plain document.
 */
final class StatusPage {
    /**
     * Nothing comes from outside, no text becomes code, and no further site may frame or read the page: tags are the text
     * of strangers.
     */
    static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
                            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for"
                            + " 'script'; trusted-types 'none'",
            "X-Content-Type-Options", "nosniff",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Cache-Control", "no-store");

    private static final String BODY = "<!-- overview -->";

    private StatusPage() {}

    /**
     * A part of the page.
     *
     * @param type the media type
     * @param content the text
     */
    record Part(String type, String content) {}

    /** The paths of the parts. */
    static List<String> paths(boolean isPublic) {
        return isPublic ? List.of("/", "/page.css") : List.of("/", "/page.css", "/page.js", "/table.js", "/charts.js");
    }

    /**
     * Reads a part.
     *
     * @param overview the content of the page of the status port; empty for the page of the socket
     */
    static Part part(String path, String overview) {
        if (!path.equals("/")) {
            return new Part(
                    path.endsWith(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8", read(path));
        }
        return new Part(
                "text/html; charset=utf-8",
                overview.isEmpty() ? read("/page.html") : read("/overview.html").replace(BODY, overview));
    }

    private static String read(String name) {
        try (InputStream in = StatusPage.class.getResourceAsStream("page" + name)) {
            if (in == null) {
                throw new IllegalStateException("the part " + name + " of the status page is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
