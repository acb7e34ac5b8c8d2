package io.tagger.ipc.server;

import io.tagger.api.EntityId;
import io.vertx.core.json.JsonObject;

/** An error answer to a request: {@code {"error":{"code":..,"message":..}}}. */
final class HttpError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The HTTP status. */
    private final int status;
    /** For programs. */
    private final String code;

    HttpError(int status, String code, String message) {
        super(message, null, false, false); // an answer, not a fault: the stack is never read
        this.status = status;
        this.code = code;
    }

    static HttpError badRequest(String message) {
        return new HttpError(400, "bad_request", message);
    }

    static HttpError unknown(EntityId entity) {
        return new HttpError(404, "unknown_entity", "no collector knows the entity " + entity);
    }

    /** A caller holds, or all callers together hold, as much as is allowed. */
    static HttpError busy(String why) {
        return new HttpError(503, "busy", why + "; try again");
    }

    int status() {
        return status;
    }

    JsonObject json() {
        return new JsonObject().put("error", new JsonObject().put("code", code).put("message", getMessage()));
    }
}
