package io.tagger.ipc.server;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** The query of a request. An unknown parameter is refused: a typing error must not pass for a default. */
final class Parameters {
    private final MultiMap values;

    private Parameters(MultiMap values) {
        this.values = values;
    }

    static Parameters of(HttpServerRequest request, String... allowed) {
        MultiMap values;
        try {
            values = request.params();
        } catch (IllegalArgumentException e) {
            throw HttpError.badRequest("the query can't be decoded: " + e.getMessage());
        }
        for (String name : values.names()) {
            if (!List.of(allowed).contains(name)) {
                throw HttpError.badRequest(
                        "there is no parameter '" + name + "' here; there are " + new TreeSet<>(Set.of(allowed)));
            }
        }
        return new Parameters(values);
    }

    EntityId entity() {
        String text = values.get("entity");
        if (text == null) {
            throw HttpError.badRequest("the parameter 'entity' is missing: /v1/tags?entity=container_id://3f4a");
        }
        return refusing(() -> EntityId.parse(text));
    }

    /** Low by default: too detailed an answer does harm in a metric, too coarse an answer does not. */
    Cardinality cardinality() {
        String text = values.get("cardinality");
        return text == null ? Cardinality.LOW : refusing(() -> Cardinality.parse(text));
    }

    boolean flag(String name) {
        String text = values.get(name);
        if (text != null && !text.equals("true") && !text.equals("false")) {
            throw HttpError.badRequest("the parameter '" + name + "' is '" + text + "', and must be true or false");
        }
        return "true".equals(text);
    }

    EntityFilter filter() {
        return refusing(() -> EntityFilter.prefixes(values.getAll("prefix").toArray(String[]::new)));
    }

    private static <T> T refusing(Supplier<T> parser) {
        try {
            return parser.get();
        } catch (IllegalArgumentException e) {
            throw HttpError.badRequest(e.getMessage());
        }
    }
}
