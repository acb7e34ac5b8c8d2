package io.tagger.ipc.server;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The query of a request. An unknown parameter is refused: a typing error must not pass for a default. */
final class Parameters {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})(ms|s|m|h)");

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

    /** The longest wait for a complete answer; zero unless given. */
    Duration wait(Duration longest) {
        return time("wait", longest);
    }

    /** A time; zero unless given. */
    Duration time(String name, Duration longest) {
        String text = values.get(name);
        if (text == null) {
            return Duration.ZERO;
        }
        Matcher form = DURATION.matcher(text);
        if (!form.matches()) {
            throw HttpError.badRequest(
                    "the parameter '" + name + "' is '" + text + "', and must be a time such as 500ms or 2s");
        }
        ChronoUnit unit =
                switch (form.group(2)) {
                    case "ms" -> ChronoUnit.MILLIS;
                    case "s" -> ChronoUnit.SECONDS;
                    case "m" -> ChronoUnit.MINUTES;
                    default -> ChronoUnit.HOURS;
                };
        Duration time = Duration.of(Long.parseLong(form.group(1)), unit);
        if (time.compareTo(longest) > 0) {
            throw HttpError.badRequest(
                    "the parameter '" + name + "' is '" + text + "', and may be " + longest.toSeconds() + "s at most");
        }
        return time;
    }

    /** A parameter's text; empty unless given. */
    String text(String name) {
        String text = values.get(name);
        return text == null ? "" : text;
    }

    EntityFilter filter() {
        return refusing(() -> EntityFilter.prefixes(values.getAll("prefix").toArray(String[]::new)));
    }

    /** Turns an illegal argument into an answer. */
    static <T> T refusing(Supplier<T> parser) {
        try {
            return parser.get();
        } catch (IllegalArgumentException e) {
            throw HttpError.badRequest(e.getMessage());
        }
    }
}
