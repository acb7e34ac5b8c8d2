package io.tagger.ipc.server;

import com.google.protobuf.MessageLite;
import io.tagger.origin.OriginException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the answers and the errors of gRPC calls, within the bounds of unread bytes. Runs on the event loop. */
final class GrpcAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(GrpcAnswers.class);
    /** Bytes of a refusal, more or less. */
    private static final int REFUSAL = 512;

    private final Connections connections;
    private final BoundedLog log = new BoundedLog(LOG);
    private final LongAdder errors = new LongAdder();

    GrpcAnswers(Connections connections) {
        this.connections = connections;
    }

    /** The number of calls with an error; an unknown entity is no error. */
    long errors() {
        return errors.sum();
    }

    /** Refuses a request before a call begins. */
    void refuse(HttpServerRequest request, GrpcStatus status, String message) {
        errors.increment();
        if (!connections.mayWrite(request.connection(), REFUSAL)) {
            Connections.reset(request);
            return;
        }
        Future<Void> end = request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/grpc")
                .putHeader("grpc-accept-encoding", "identity")
                .putHeader("grpc-status", String.valueOf(status.code))
                .putHeader("grpc-message", message)
                .end();
        connections.writing(request.connection(), REFUSAL, end);
    }

    /** Ends a call with a later answer, or with its error. */
    <A extends MessageLite> void reply(GrpcCall<A> call, Future<A> answer) {
        answer.onSuccess(found -> end(call, found)).onFailure(error -> {
            if (error instanceof OriginException || error instanceof HttpError http && http.status() == 404) {
                fail(call, GrpcStatus.NOT_FOUND, String.valueOf(error.getMessage()));
            } else if (error instanceof HttpError http && http.status() == 503) {
                fail(call, GrpcStatus.RESOURCE_EXHAUSTED, String.valueOf(error.getMessage()));
            } else if (error instanceof IllegalArgumentException
                    || error instanceof HttpError http && http.status() == 400) {
                fail(call, GrpcStatus.INVALID_ARGUMENT, String.valueOf(error.getMessage()));
            } else {
                failed(call, error);
            }
        });
    }

    <A extends MessageLite> void end(GrpcCall<A> call, A answer) {
        int bytes = answer.getSerializedSize();
        if (connections.mayWrite(call.connection(), bytes)) {
            connections.writing(call.connection(), bytes, call.response().end(answer));
        } else {
            Connections.reset(call.http()); // not even a refusal is written: the caller does not read
        }
    }

    /** Ends a call after a failure of the agent. */
    void failed(GrpcCall<?> call, Throwable error) {
        log.warn("the answer to a call failed", error);
        fail(call, GrpcStatus.INTERNAL, "the agent failed to answer; the agent's log has the reason");
    }

    void fail(GrpcCall<?> call, GrpcStatus status, String message) {
        if (status != GrpcStatus.NOT_FOUND) { // an unknown entity is an answer
            errors.increment();
        }
        if (connections.mayWrite(call.connection(), REFUSAL)) {
            Future<Void> end =
                    call.response().status(status).statusMessage(message).end();
            connections.writing(call.connection(), REFUSAL, end);
        } else {
            Connections.reset(call.http());
        }
    }
}
