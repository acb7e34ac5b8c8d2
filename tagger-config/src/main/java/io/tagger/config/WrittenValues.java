package io.tagger.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The written part of a resolved configuration: the values at the keys of the user's layers, without further defaults.
 * The parser's own way, to resolve the layers with the whole as a source, fails at values that extend themselves.
 */
final class WrittenValues {
    private WrittenValues() {}

    /**
     * Selects the written values.
     *
     * @param layers the user's layers, perhaps unresolved
     * @param resolved the layers with the defaults behind them, resolved
     */
    static ConfigObject of(ConfigObject layers, ConfigObject resolved) {
        Map<String, ConfigValue> written = new LinkedHashMap<>();
        try {
            layers.forEach((key, layer) -> {
                ConfigValue value = resolved.get(key);
                if (value != null) {
                    written.put(
                            key,
                            layer instanceof ConfigObject below && value instanceof ConfigObject values
                                    ? of(below, values)
                                    : value);
                }
            });
        } catch (ConfigException.NotResolved e) {
            return resolved; // a combination with a substitution has no keys of its own
        }
        return ConfigValueFactory.fromMap(written).withOrigin(resolved.origin());
    }
}
