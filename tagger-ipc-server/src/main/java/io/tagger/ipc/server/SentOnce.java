package io.tagger.ipc.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tagger.ipc.server.EntityJson.Head;
import io.tagger.ipc.server.EntityJson.Low;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The shared values of a watcher's initial state, by number: low tags and the heads of
 * sources are sent once, with a number, and later as the number alone. Runs on the event loop.
 *
 * <p>The memory is bounded: at most 8,192 values of 4,096 characters each, which the store usually holds too. The number of a
 * value is used again for a later value.
 */
final class SentOnce implements EntityJson.Shared {
    private static final int MOST = 8_192;
    private static final int LONGEST = 4_096;

    private final Map<Object, Integer> numbers = new HashMap<>();
    private final Object[] byNumber = new Object[MOST];
    private int sent;

    @Override
    public void low(JsonGenerator json, Low low) throws IOException {
        Integer known = numbers.get(low);
        if (known != null) {
            json.writeNumber(known);
            return;
        }
        json.writeStartObject();
        if (low.tags().stream().mapToInt(String::length).sum() <= LONGEST) {
            json.writeNumberField("number", add(low));
        }
        low.write(json);
        json.writeEndObject();
    }

    @Override
    public void source(JsonGenerator json, Head source) throws IOException {
        Integer known = numbers.get(source);
        if (known != null) {
            json.writeNumber(known);
            return;
        }
        json.writeStartObject();
        json.writeNumberField("number", add(source));
        source.write(json);
        json.writeEndObject();
    }

    private int add(Object value) {
        int number = sent++ % MOST;
        if (byNumber[number] != null) {
            numbers.remove(byNumber[number]);
        }
        byNumber[number] = value;
        numbers.put(value, number);
        return number;
    }

    /** Forgets all values: the last values were not sent. */
    void forget() {
        numbers.clear();
        Arrays.fill(byNumber, null);
    }
}
