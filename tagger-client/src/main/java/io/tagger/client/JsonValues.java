package io.tagger.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads any JSON object, for a command that shows the agent's answer as a whole. */
final class JsonValues {
    private JsonValues() {}

    /** Reads an answer: an object. */
    static Map<String, Object> read(JsonReader json) {
        Map<String, Object> object = object(json);
        json.end();
        return object;
    }

    private static Map<String, Object> object(JsonReader json) {
        Map<String, Object> object = new LinkedHashMap<>();
        json.object();
        for (String name = json.member(); name != null; name = json.member()) {
            object.put(name, value(json));
        }
        return object;
    }

    private static Object value(JsonReader json) {
        if (json.isObject()) {
            return object(json);
        } else if (json.isArray()) {
            List<Object> array = new ArrayList<>();
            json.array();
            while (json.item()) {
                array.add(value(json));
            }
            return array;
        } else if (json.isString()) {
            return json.string();
        }
        return json.isNumber() ? json.number() : json.bool();
    }
}
