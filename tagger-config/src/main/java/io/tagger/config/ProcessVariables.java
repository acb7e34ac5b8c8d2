package io.tagger.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The settings in the environment and in the system properties, the layers above the files. Not thread-safe. */
final class ProcessVariables {
    private static final String ENVIRONMENT = "TAGGER_";
    private static final String LAUNCHER = "tagger.launcher.";

    private Map<String, String> environment = Map.of();
    private boolean systemProperties;

    void environment(Map<String, String> variables) {
        environment = Map.copyOf(variables);
    }

    void systemProperties() {
        systemProperties = true;
    }

    /** All settings; of the environment only the keys of a grammar. */
    Config all(ConfigObject grammar) {
        return fromSystemProperties().withFallback(fromEnvironment(grammar));
    }

    /** The system properties, and a key's variable, which counts also if no reference on the class path has the key. */
    Config of(String key) {
        String name = variable(key);
        String text = environment.get(name);
        Config named = text == null
                ? ConfigFactory.empty()
                : ConfigFactory.empty()
                        .withValue(ConfigLayers.ROOT + "." + key, value(text, "the environment's " + name));
        return fromSystemProperties().withFallback(named);
    }

    private Config fromSystemProperties() {
        Config properties = ConfigFactory.empty();
        if (systemProperties) {
            for (String name : System.getProperties().stringPropertyNames()) {
                if (name.startsWith(ConfigLayers.ROOT + ".")
                        && !name.equals(ConfigLayers.FILE_PROPERTY)
                        && !name.startsWith(LAUNCHER)) {
                    properties =
                            properties.withValue(name, value(System.getProperty(name), "the system property " + name));
                }
            }
        }
        return properties;
    }

    private Config fromEnvironment(ConfigObject grammar) {
        Config variables = ConfigFactory.empty();
        if (environment.keySet().stream().anyMatch(name -> name.startsWith(ENVIRONMENT))) {
            for (String path : leaves("", grammar)) {
                String name = variable(path);
                String value = environment.get(name);
                if (value != null) {
                    variables = variables.withValue(
                            ConfigLayers.ROOT + "." + path, value(value, "the environment's " + name));
                }
            }
        }
        return variables;
    }

    private static String variable(String key) {
        return ENVIRONMENT + key.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
    }

    /** The value of a text: an object or a list if the text looks like an object or a list, else the text. */
    private static ConfigValue value(String text, String origin) {
        String trimmed = text.trim();
        if (trimmed.startsWith("{") || trimmed.startsWith("[")) {
            ConfigParseOptions options = ConfigParseOptions.defaults().setOriginDescription(origin);
            return ConfigFactory.parseString("v = " + trimmed, options).getValue("v");
        }
        return ConfigValueFactory.fromAnyRef(text).withOrigin(ConfigOriginFactory.newSimple(origin));
    }

    private static List<String> leaves(String prefix, ConfigObject object) {
        List<String> leaves = new ArrayList<>();
        for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
            String path = prefix + ConfigUtil.joinPath(entry.getKey());
            if (entry.getValue() instanceof ConfigObject inner && !inner.isEmpty()) {
                leaves.addAll(leaves(path + ".", inner));
            } else {
                leaves.add(path);
            }
        }
        return leaves;
    }
}
