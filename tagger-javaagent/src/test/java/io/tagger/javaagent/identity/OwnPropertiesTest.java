package io.tagger.javaagent.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.autoconfigure.ResourceConfiguration;
import io.opentelemetry.sdk.autoconfigure.spi.internal.DefaultConfigProperties;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OwnPropertiesTest {
    private final Properties properties = new Properties();
    private final OwnProperties written = new OwnProperties(properties, Map.of());

    @Test
    void tags_areProperties_ofSeveralValuesTheFirst_andThoseOfTheUserStay() {
        properties.setProperty("tagger.tag.env", "mine");
        written.tags(List.of("env:prod", "team:core", "team:web", "url:http://x", "alone", ":nothing"));

        assertThat(properties)
                .containsOnly(
                        Map.entry("tagger.tag.env", "mine"),
                        Map.entry("tagger.tag.team", "core"),
                        Map.entry("tagger.tag.url", "http://x"));
    }

    /** What OpenTelemetry's own SDK reads from the properties. */
    private Attributes readByTheSdk() {
        Map<String, String> all = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> all.put(name, properties.getProperty(name)));
        return ResourceConfiguration.createEnvironmentResource(DefaultConfigProperties.createFromMap(all))
                .getAttributes();
    }

    @Test
    void attributes_areReadByOpenTelemetry_whateverIsInThem() {
        written.attributes(Map.of(
                "service.name", "a,b",
                "team", "core,web=1;2% \"ü\\+",
                "k8s.pod.label.app.kubernetes.io/name", "web",
                "container.image.tags", List.of("1"),
                "a,b=c", "no name for the list"));

        assertThat(readByTheSdk())
                .isEqualTo(Attributes.builder()
                        .put("service.name", "a,b")
                        .put("team", "core,web=1;2% \"ü\\+")
                        .put("k8s.pod.label.app.kubernetes.io/name", "web")
                        .build());
    }

    @Test
    void attributesOfTheUser_stay() {
        properties.setProperty("otel.resource.attributes", "team=mine");
        written.attributes(Map.of("team", "core", "service.name", "web"));

        assertThat(readByTheSdk().asMap())
                .containsOnly(
                        Map.entry(AttributeKey.stringKey("team"), "mine"),
                        Map.entry(AttributeKey.stringKey("service.name"), "web"));
    }

    @Test
    void nameOfTheServiceOfTheUser_stays_whereverItIsSet() {
        Map<String, Object> attributes = Map.of("service.name", "web");
        properties.setProperty("otel.service.name", "mine");
        written.attributes(attributes);
        assertThat(properties).containsOnly(Map.entry("otel.service.name", "mine"));

        properties.clear();
        new OwnProperties(properties, Map.of("OTEL_SERVICE_NAME", "mine")).attributes(attributes);
        new OwnProperties(properties, Map.of("OTEL_RESOURCE_ATTRIBUTES", "service.name=mine")).attributes(attributes);
        assertThat(properties).isEmpty();
        new OwnProperties(properties, Map.of("OTEL_RESOURCE_ATTRIBUTES", "peer.service.name=other"))
                .attributes(attributes);
        assertThat(properties).containsOnly(Map.entry("otel.service.name", "web"));
    }
}
