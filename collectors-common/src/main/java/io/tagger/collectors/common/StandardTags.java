package io.tagger.collectors.common;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The sources of {@code env}, {@code service} and {@code version}. Every value is kept; no value overrides another.
 */
public final class StandardTags {
    private static final Map<String, String> LABELS = Map.of("env", "env", "service", "service", "version", "version");
    private static final Map<String, String> ENVIRONMENT =
            Map.of("DD_ENV", "env", "DD_SERVICE", "service", "DD_VERSION", "version", "OTEL_SERVICE_NAME", "service");
    private static final String OTEL_ATTRIBUTES = "OTEL_RESOURCE_ATTRIBUTES";
    private static final Map<String, String> OTEL = Map.of(
            "service.name", "service",
            "service.version", "version",
            "deployment.environment", "env",
            "deployment.environment.name", "env");

    private static final Pattern ENCODED = Pattern.compile("(?:%[0-9a-fA-F]{2})++");

    private StandardTags() {}

    /**
     * Adds the standard tags of labels with a prefix.
     *
     * @param labels the labels
     * @param prefix the prefix of {@code env}, {@code service} and {@code version}, for instance {@code
     *     com.datadoghq.tags.}
     * @param tags where the tags go
     */
    public static void fromLabels(Map<String, String> labels, String prefix, TagListBuilder tags) {
        LABELS.forEach((suffix, tag) -> {
            String value = labels.getOrDefault(prefix + suffix, "");
            if (!value.isEmpty()) {
                tags.from("label", prefix + suffix).standard(tag, value);
            }
        });
    }

    /**
     * Whether {@link #fromVariable} reads an environment variable.
     *
     * @param name the variable's name
     * @return false for a variable without an effect, whatever the value
     */
    public static boolean isVariable(String name) {
        return ENVIRONMENT.containsKey(name) || name.equals(OTEL_ATTRIBUTES);
    }

    /**
     * Adds the standard tags of one environment variable: {@code DD_ENV}, {@code DD_SERVICE}, {@code DD_VERSION},
     * {@code OTEL_SERVICE_NAME}, or the attributes in {@code OTEL_RESOURCE_ATTRIBUTES}, separated by commas, trimmed, and
     * percent-decoded.
     *
     * @param name the variable's name
     * @param value the variable's value
     * @param tags where the tags go
     */
    public static void fromVariable(String name, String value, TagListBuilder tags) {
        String tag = ENVIRONMENT.get(name);
        if (tag != null) {
            tags.standard(tag, value);
        } else if (name.equals(OTEL_ATTRIBUTES)) {
            for (String attribute : value.split(",")) {
                int equals = attribute.indexOf('=');
                String key = equals < 0 ? "" : attribute.substring(0, equals).strip();
                if (OTEL.containsKey(key)) {
                    tags.standard(
                            OTEL.get(key),
                            decoded(attribute.substring(equals + 1).strip()));
                }
            }
        }
    }

    /** A value without its percent-encoding; a part that is no percent-encoded UTF-8 stays as it is. */
    private static String decoded(String value) {
        return ENCODED.matcher(value).replaceAll(run -> {
            byte[] bytes = HexFormat.of().parseHex(run.group().replace("%", ""));
            try {
                CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
                return Matcher.quoteReplacement(text.toString());
            } catch (CharacterCodingException e) {
                return Matcher.quoteReplacement(run.group());
            }
        });
    }
}
