package io.tagger.collectors.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tagger.config.ConfigLayers;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks {@code deploy/ecs}, as far as possible without AWS. */
class DeployTest {
    private static final Path DEPLOY = Path.of("../deploy/ecs");

    private final ObjectMapper json = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(strings = {"ec2-daemon.json", "fargate-sidecar.json"})
    void taskDefinition_isOfThePublishedModel(String file) throws Exception {
        String program = """
                import boto3, json, sys
                ecs = boto3.client('ecs', region_name='eu-west-1', endpoint_url=sys.argv[1],
                                   aws_access_key_id='test', aws_secret_access_key='test')
                definition = json.load(open(sys.argv[2]))
                print(ecs.register_task_definition(**definition)['taskDefinition']['taskDefinitionArn'])
                """;

        assertThat(Moto.python(program, Moto.endpoint(), DEPLOY.resolve(file).toString()))
                .startsWith("arn:aws:ecs:eu-west-1:");
    }

    @ParameterizedTest
    @CsvSource({"ec2-daemon.json, true", "fargate-sidecar.json, auto"})
    void taskDefinition_configuresTheCollector(String file, String api) throws Exception {
        Map<String, String> environment = new HashMap<>();
        json.readTree(DEPLOY.resolve(file).toFile())
                .findValues("environment")
                .forEach(variables -> variables.forEach(variable -> environment.put(
                        variable.path("name").asText(), variable.path("value").asText())));
        EcsSettings settings = EcsSettings.of(ConfigLayers.empty()
                .environment(environment)
                .sharedWithAgent()
                .build()
                .collector("ecs"));

        assertThat(settings.resourceTags().isCollected()).isTrue();
        assertThat(settings.api().use()).hasToString(api.toUpperCase(java.util.Locale.ROOT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ec2-daemon.json", "fargate-sidecar.json"})
    void agentsSocket_isOnAVolume(String file) throws Exception {
        JsonNode definition = json.readTree(DEPLOY.resolve(file).toFile());
        TreeSet<String> mounted = new TreeSet<>(definition.findValuesAsText("sourceVolume"));
        TreeSet<String> volumes = new TreeSet<>();
        definition
                .path("volumes")
                .forEach(volume -> volumes.add(volume.path("name").asText()));

        assertThat(mounted).isEqualTo(volumes).contains("socket");
        assertThat(definition.findValuesAsText("containerPath")).contains("/run/tagger");
    }

    @Test
    void policy_givesTheRightsThatTheCollectorAsksFor_andNoOthers() throws Exception {
        TreeSet<String> wanted = new TreeSet<>();
        for (EcsApi.Action action : EcsApi.Action.values()) {
            wanted.add(action.right);
        }

        assertThat(new TreeSet<>(
                        json.readTree(DEPLOY.resolve("policy.json").toFile()).findValuesAsText("Action")))
                .isEqualTo(wanted);
    }
}
