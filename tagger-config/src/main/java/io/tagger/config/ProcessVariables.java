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
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The settings in the environment and in the system properties, the layers above the files. Not thread-safe. */
final class ProcessVariables {
    private static final String ENVIRONMENT = "TAGGER_";

    /** Of the launcher, the extension of OpenTelemetry and the Java agent: no part of a tagger. */
    private static final List<String> NO_SETTINGS =
            List.of("tagger.launcher.", "tagger.otel.", "tagger.tag.", "tagger.javaagent.");

    /** The distance of a typing error beyond doubt. */
    private static final int NEAR = 2;

    /**
     * Read by the launcher and the command line, TAGGER_HOME by the guides, and TAGGER_IPC_SOCKET by all clients of an
     * agent.
     */
    private static final Set<String> READ_ELSEWHERE = Set.of(
            "TAGGER_CONF",
            "TAGGER_CLASSPATH",
            "TAGGER_PLUGIN_PATH",
            "TAGGER_HEAP",
            "TAGGER_JAVA_OPTS",
            "TAGGER_ARCHIVE",
            "TAGGER_DEBUG",
            "TAGGER_HOME",
            "TAGGER_IPC_SOCKET",
            "TAGGER_OTEL_WAIT",
            "TAGGER_OTEL_LATE");

    /** Made by Kubernetes for a Service called tagger, or tagger-something. */
    private static final Pattern OF_KUBERNETES = Pattern.compile(
            "TAGGER_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_ADDR|_PORT|_PROTO)?)");

    private static final Pattern PORT_OF_KUBERNETES = Pattern.compile("(?:tcp|udp|sctp)://.*:[0-9]+");

    private Map<String, String> environment = Map.of();
    private boolean systemProperties;

    void environment(Map<String, String> variables) {
        environment = Map.copyOf(variables);
    }

    void systemProperties() {
        systemProperties = true;
    }

    /** All settings; of the environment only the given keys. */
    Config all(Collection<String> keys) {
        return fromSystemProperties().withFallback(fromEnvironment(keys));
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

    /**
     * The misspelt variables: those that look like a setting, and set nothing.
     *
     * @param keys the keys that there are, below {@code tagger}
     * @param isForeign whether a variable belongs to a part of tagger that is not in this process; such a variable counts
     *     as misspelt only if a key of this process is very near
     * @return the problems, a sentence each
     */
    List<String> misspelt(Collection<String> keys, Predicate<String> isForeign) {
        List<String> known = keys.stream().map(ProcessVariables::variable).toList();
        List<String> problems = new ArrayList<>();
        for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
            String name = variable.getKey();
            boolean isOfKubernetes = OF_KUBERNETES.matcher(name).matches()
                    || name.endsWith("_PORT")
                            && PORT_OF_KUBERNETES.matcher(variable.getValue()).matches();
            if (!name.startsWith(ENVIRONMENT)
                    || known.contains(name)
                    || READ_ELSEWHERE.contains(name)
                    || isOfKubernetes) {
                continue;
            }
            int limit = isForeign.test(name) ? NEAR : Math.max(3, name.length() / 3);
            Optional<String> nearest = Distance.nearest(name, known, limit);
            if (nearest.isPresent() || limit > NEAR) {
                problems.add("unknown environment variable " + name
                        + nearest.map(right -> "; did you mean " + right + "?")
                                .orElse(
                                        "; 'bin/tagger config' lists the keys there are, and the key a.b-c is the variable"
                                                + " TAGGER_A_B_C"));
            }
        }
        return problems;
    }

    /** The blocks written in variables, as HOCON with their keys, by the name of the variable. */
    Map<String, String> blocks(Collection<String> keys) {
        Map<String, String> blocks = new TreeMap<>();
        for (String key : keys) {
            String text = environment.getOrDefault(variable(key), "").trim();
            if (text.startsWith("{")) {
                blocks.put("the environment's " + variable(key), ConfigLayers.ROOT + "." + key + " = " + text);
            }
        }
        return blocks;
    }

    private Config fromSystemProperties() {
        Config properties = ConfigFactory.empty();
        if (systemProperties) {
            for (String name : System.getProperties().stringPropertyNames()) {
                if (name.startsWith(ConfigLayers.ROOT + ".")
                        && !name.equals(ConfigLayers.FILE_PROPERTY)
                        && NO_SETTINGS.stream().noneMatch(name::startsWith)) {
                    properties =
                            properties.withValue(name, value(System.getProperty(name), "the system property " + name));
                }
            }
        }
        return properties;
    }

    private Config fromEnvironment(Collection<String> keys) {
        Config variables = ConfigFactory.empty();
        if (environment.keySet().stream().anyMatch(name -> name.startsWith(ENVIRONMENT))) {
            for (String path : keys) {
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

    /** The variable of a key. */
    static String variable(String key) {
        return ENVIRONMENT + key.replace("\"", "").replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
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

    /** The keys of all settings of a grammar. */
    static List<String> leaves(ConfigObject grammar) {
        return leaves("", grammar);
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
