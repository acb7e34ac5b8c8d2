package io.tagger.ipc.server;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;

/**
 * A gRPC call under way.
 *
 * @param http the call as a request
 * @param response takes the answers
 * @param <A> the kind of answer
 */
record GrpcCall<A>(HttpServerRequest http, GrpcServerResponse<Buffer, A> response) {
    HttpConnection connection() {
        return http.connection();
    }
}
