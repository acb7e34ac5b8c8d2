package io.tagger.collectors.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.ForeignId;
import io.tagger.config.ConfigLayers;
import io.tagger.testkit.Mutations;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Damaged answers of a daemon: whatever they are, they are read without an error, or refused as no JSON. */
class DockerFuzzTest {
    private static final int INPUTS = Integer.getInteger("tagger.fuzz.inputs", 1_000);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String INSPECT = """
            {"Id":"0123456789abcdef","Name":"/web-1","Image":"sha256:11","State":{"Running":true,"Paused":false},
             "Config":{"Image":"acme/web:1.2.3","Env":["DD_ENV=prod","OTEL_RESOURCE_ATTRIBUTES=service.name=a%20b","PATH=/bin"],
              "Labels":{"com.datadoghq.tags.service":"web","com.docker.compose.service":"web",
               "com.datadoghq.ad.tags":"[\\"team:core\\"]"}},"HostConfig":{"CapAdd":["NET_ADMIN"]}}""";
    private static final String LIST = """
            [{"Id":"0123456789abcdef","Names":["/web-1","/other/alias"],"Image":"acme/web:1.2.3","ImageID":"sha256:11",
              "Labels":{"a":"b"},"State":"running"},{"Id":"fedcba9876543210","Names":[],"Labels":{}}]""";
    private static final String EVENT = """
            {"Type":"container","Action":"start","Actor":{"ID":"0123456789abcdef","Attributes":{"image":"acme/web:1.2.3",
             "name":"web-1","com.datadoghq.tags.env":"prod"}},"id":"0123456789abcdef","status":"start","timeNano":1}""";

    @Test
    void answers() throws Exception {
        DockerSettings settings = DockerSettings.of(ConfigLayers.empty()
                .text(
                        "tagger.container { labels-as-tags { \"*\" = \"%%label%%\" }, env-as-tags { \"*\" = \"%%env%%\" } }")
                .build()
                .collector("docker"));
        ContainerTags tags = new ContainerTags("docker", settings.rules(), settings.separators());
        var executor = Executors.newSingleThreadExecutor();
        ImageNames images = new ImageNames(
                executor, (image, reference) -> "acme/web", container -> {}, LoggerFactory.getLogger("test"));
        Mutations mutations = new Mutations(19);
        int read = 0;
        long begin = System.nanoTime();
        for (int i = 0; i < INPUTS; i++) {
            List<DockerContainer> containers;
            try {
                containers = containers(i, mutations);
            } catch (JsonProcessingException e) {
                continue; // no JSON, which the connection reports
            }
            for (DockerContainer container : containers) {
                if (ForeignId.isUsable(container.id())) {
                    TagInfo info = tags.extract(container, images.of(container), true, problem -> {});
                    assertThat(info.entity().id()).isEqualTo(container.id());
                    read++;
                }
            }
        }
        System.out.printf("Docker: %d inputs, %.0f a minute%n", INPUTS, INPUTS * 60e9 / (System.nanoTime() - begin));
        executor.shutdownNow();

        assertThat(read).isGreaterThan(INPUTS / 10);
    }

    private static List<DockerContainer> containers(int number, Mutations mutations) throws JsonProcessingException {
        String good = List.of(INSPECT, LIST, EVENT).get(number % 3);
        JsonNode answer = JSON.readTree(mutations.of(good));
        return switch (number % 3) {
            case 0 -> List.of(DockerContainer.ofInspect("0123", answer));
            case 1 ->
                answer.isArray()
                        ? List.of(DockerContainer.ofList(answer.path(0)), DockerContainer.ofList(answer.path(1)))
                        : List.of();
            default ->
                List.of(DockerContainer.ofEvent(
                        answer.path("Actor").path("ID").asText(""),
                        answer.path("Actor").path("Attributes")));
        };
    }
}
