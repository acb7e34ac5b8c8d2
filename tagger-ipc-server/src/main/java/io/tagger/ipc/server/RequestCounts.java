package io.tagger.ipc.server;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.grpc.common.GrpcStatus;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts requests by the code of the answer: an HTTP status, or the name of a gRPC status. Thread-safe. */
final class RequestCounts {
    private final Map<String, LongAdder> byCode = new ConcurrentHashMap<>();

    /** Counts the end of a request. */
    void ended(HttpServerRequest request) {
        HttpServerResponse answer = request.response();
        if (!IpcServer.isGrpc(request)) {
            // An answer without an end was given up, by the caller or by the server.
            count(answer.ended() ? String.valueOf(answer.getStatusCode()) : "closed");
            return;
        }
        String status = answer.headers().get("grpc-status");
        status = status == null && answer.trailers() != null ? answer.trailers().get("grpc-status") : status;
        count(name(status));
    }

    /** A call without a status was given up by its caller. */
    private static String name(@Nullable String number) {
        try {
            GrpcStatus status = number == null ? GrpcStatus.CANCELLED : GrpcStatus.valueOf(Integer.parseInt(number));
            return status == null ? GrpcStatus.UNKNOWN.name() : status.name();
        } catch (NumberFormatException e) {
            return GrpcStatus.UNKNOWN.name();
        }
    }

    void count(String code) {
        byCode.computeIfAbsent(code, first -> new LongAdder()).increment();
    }

    /** The number of ended requests by code. */
    Map<String, Long> all() {
        Map<String, Long> all = new TreeMap<>();
        byCode.forEach((code, count) -> all.put(code, count.sum()));
        return all;
    }
}
