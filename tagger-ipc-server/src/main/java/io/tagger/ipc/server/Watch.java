package io.tagger.ipc.server;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Subscription;
import io.tagger.api.TagListener;
import io.tagger.api.Tagger;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Writes the events of a subscription as lines of JSON. The subscription is paused while too many lines or bytes wait
 * for the client: then changes fold inside the tagger, and a client that never reads costs a bounded amount of memory.
 */
final class Watch implements TagListener {
    /** Lines in flight to the kernel before the subscription is paused, and the number left at its resumption. */
    private static final int MANY = 256;

    private static final int FEW = 64;

    private final HttpServerResponse response;
    private final HttpConnection connection;
    private final Connections connections;
    private final Cardinality cardinality;
    private final AtomicInteger underWay = new AtomicInteger();
    private volatile @Nullable Subscription subscription;

    Watch(HttpServerResponse response, HttpConnection connection, Connections connections, Cardinality cardinality) {
        this.response = response;
        this.connection = connection;
        this.connections = connections;
        this.cardinality = cardinality;
    }

    /** Subscribes, until the connection is closed. */
    void start(Tagger tagger, EntityFilter filter) {
        Subscription made = tagger.subscribe(filter, this);
        subscription = made;
        response.closeHandler(nothing -> end(made));
        response.exceptionHandler(error -> end(made));
        if (response.closed()) {
            made.close();
        }
    }

    private void end(Subscription made) {
        made.close();
        connections.ended(connection, response);
    }

    @Override
    public void added(EntityTags tags) {
        write(event("added", tags));
    }

    @Override
    public void modified(EntityTags tags) {
        write(event("modified", tags));
    }

    @Override
    public void deleted(EntityId entity) {
        write(new JsonObject().put("type", "deleted").put("entity", entity.toString()));
    }

    @Override
    public void synced() {
        write(new JsonObject().put("type", "synced"));
    }

    private JsonObject event(String type, EntityTags tags) {
        return new JsonObject()
                .put("type", type)
                .put("entity", tags.entity().toString())
                .put("tags", new JsonArray(tags.tags(cardinality)));
    }

    private void write(JsonObject event) {
        if (underWay.incrementAndGet() >= MANY || response.writeQueueFull()) {
            hold();
        }
        Future<Void> write = response.write(event.toBuffer().appendByte((byte) '\n'));
        connections.writing(connection, write).onComplete(result -> {
            int left = underWay.decrementAndGet();
            if (left == FEW || left == 0) {
                goOn();
            }
        });
    }

    private void hold() {
        Subscription made = subscription;
        if (made != null) {
            made.pause();
            if (underWay.get() == 0) {
                goOn(); // all lines were written in between, and no completion would resume us
            }
        }
    }

    private void goOn() {
        Subscription made = subscription;
        if (made != null) {
            made.resume();
        }
    }
}
