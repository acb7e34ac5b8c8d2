package io.tagger.collectors.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TAGS.md, section 3, as far as labels and environment go; and the splitting of section 1. */
class ContainerRulesTest {
    @ParameterizedTest
    @CsvSource({
        "com.docker.swarm.service.name, swarm_service, low",
        "com.docker.stack.namespace, swarm_namespace, low",
        "io.rancher.container.name, rancher_container, high",
        "io.rancher.stack.name, rancher_stack, low",
        "io.rancher.stack_service.name, rancher_service, low",
        "org.opencontainers.image.revision, git.commit.sha, low",
        "org.opencontainers.image.source, git.repository_url, low",
        "com.datadoghq.tags.env, env, standard",
        "com.datadoghq.tags.service, service, standard",
        "com.datadoghq.tags.version, version, standard"
    })
    void builtInLabel_givesItsTag(String label, String tag, String level) {
        expect(labels(Map.of(label, "v")), tag + ":v", level);
    }

    @ParameterizedTest
    @CsvSource({
        "DD_GIT_COMMIT_SHA, git.commit.sha, low",
        "DD_GIT_REPOSITORY_URL, git.repository_url, low",
        "DD_ENV, env, standard",
        "DD_SERVICE, service, standard",
        "DD_VERSION, version, standard",
        "OTEL_SERVICE_NAME, service, standard",
        "MARATHON_APP_ID, marathon_app, low",
        "CHRONOS_JOB_NAME, chronos_job, low",
        "CHRONOS_JOB_OWNER, chronos_job_owner, low",
        "MESOS_TASK_ID, mesos_task, orchestrator",
        "NOMAD_TASK_NAME, nomad_task, low",
        "NOMAD_JOB_NAME, nomad_job, low",
        "NOMAD_GROUP_NAME, nomad_group, low",
        "NOMAD_NAMESPACE, nomad_namespace, low",
        "NOMAD_DC, nomad_dc, low"
    })
    void builtInVariable_givesItsTag(String variable, String tag, String level) {
        expect(environment(variable + "=v"), tag + ":v", level);
    }

    private static void expect(TagInfo info, String tag, String level) {
        TagInfo.Builder expected = TagInfo.builder("test", EntityId.container("c"));
        String name = tag.substring(0, tag.indexOf(':'));
        String value = tag.substring(tag.indexOf(':') + 1);
        switch (level) {
            case "low" -> expected.low(name, value);
            case "orchestrator" -> expected.orchestrator(name, value);
            case "high" -> expected.high(name, value);
            default -> expected.standard(name, value);
        }
        assertThat(info).isEqualTo(expected.build());
    }

    @Test
    void openTelemetryAttributes_areSplitAndTrimmed() {
        TagInfo info = environment(
                "OTEL_RESOURCE_ATTRIBUTES= service.name = web ,service.version=1.2=3,deployment.environment=prod,deployment.environment.name=live,other=x,broken,=y");

        assertThat(info.standard()).containsExactly("env:live", "env:prod", "service:web", "version:1.2=3");
    }

    @ParameterizedTest
    @CsvSource({
        "a%20b,            a b",
        "caf%C3%A9,        café",
        "a%2Cb%3Dc,        'a,b=c'",
        "100%,             100%",
        "a%zzb%41,         a%zzbA",
        "%C3%28,           %C3%28",
        "a+b,              a+b",
        "%24%5C,           $\\",
    })
    void openTelemetryAttributes_arePercentDecoded_asFarAsTheyDecode(String value, String decoded) {
        assertThat(environment("OTEL_RESOURCE_ATTRIBUTES=service.name=" + value).standard())
                .containsExactly("service:" + decoded);
    }

    @Test
    void environment_aNameThatStandsTwice_hasItsLastValue() {
        TagListBuilder tags = builder(Map.of());
        rules(Map.of(), Map.of("team", "team"))
                .environment(List.of("DD_ENV=first", "TEAM=a", "DD_ENV=last", "TEAM=b"), tags);

        assertThat(tags.build().low()).containsExactly("env:last", "team:b");
    }

    @Test
    void composeLabels() {
        assertThat(labels(Map.of(
                                "com.docker.compose.project", "shop",
                                "com.docker.compose.service", "web",
                                "com.docker.compose.version", "2.20"))
                        .low())
                .containsExactly("compose_project:shop", "compose_service:web");
    }

    @Test
    void standardTags_everyValueIsKept() {
        TagListBuilder tags = builder(Map.of());
        ContainerRules rules = rules(Map.of(), Map.of());
        rules.labels(Map.of("com.datadoghq.tags.env", "label"), tags);
        rules.environment(List.of("DD_ENV=variable", "OTEL_RESOURCE_ATTRIBUTES=deployment.environment=otel"), tags);

        assertThat(tags.build().standard()).containsExactly("env:label", "env:otel", "env:variable");
    }

    @Test
    void example_swarmLabels() {
        TagInfo info = labels(Map.of(
                "com.docker.swarm.node.id", "zdtab51ei97djzrpa1y2tz8li",
                "com.docker.swarm.service.id", "tef96xrdmlj82c7nt57jdntl8",
                "com.docker.swarm.service.name", "helloworld",
                "com.docker.swarm.task", "",
                "com.docker.swarm.task.name", "helloworld.1.knk1rz1szius7pvyznn9zolld"));

        assertThat(info.low()).containsExactly("swarm_service:helloworld");
    }

    @Test
    void example_standardLabels() {
        TagInfo info = labels(Map.of(
                "com.datadoghq.tags.service",
                "redis",
                "com.datadoghq.tags.env",
                "dev",
                "com.datadoghq.tags.version",
                "0.0.1"));

        assertThat(info.low())
                .containsExactly("env:dev", "service:redis", "version:0.0.1")
                .isEqualTo(info.standard());
    }

    @Test
    void example_environmentRules() {
        TagListBuilder tags = builder(Map.of());
        rules(Map.of(), Map.of("k", "+becomeK", "l", "expectedLow")).environment(List.of("k=v", "l=t"), tags);

        assertThat(tags.build().low()).containsExactly("expectedLow:t");
        assertThat(tags.build().high()).containsExactly("becomeK:v");
    }

    @Test
    void example_emptyValue_isSkipped() {
        TagListBuilder tags = builder(Map.of());
        rules(Map.of(), Map.of("avalue", "v", "novalue", "n")).environment(List.of("NOVALUE=", "AVALUE=value"), tags);

        assertThat(tags.build().low()).containsExactly("v:value");
    }

    @Test
    void environment_oddEntries_areSkipped_andValuesMayHoldEquals() {
        TagListBuilder tags = builder(Map.of());
        rules(Map.of(), Map.of("*", "%%env%%")).environment(List.of("NOEQUALS", "=x", "", "A=b=c"), tags);

        assertThat(tags.build().low()).containsExactly("A:b=c");
    }

    @Test
    void builtInAndCustomRules_applySideBySide() {
        TagListBuilder tags = builder(Map.of());
        rules(Map.of("com.docker.*", "swarm"), Map.of()).labels(Map.of("com.docker.swarm.service.name", "web"), tags);

        assertThat(tags.build().low()).containsExactly("swarm:web", "swarm_service:web");
    }

    @Test
    void values_ofNamesWithASeparator_areSplit_emptyPiecesSkipped() {
        TagListBuilder tags = builder(Map.of("team", ",", "dot", ".", "env", "|"));
        tags.low("team", "a,,b,")
                .high("dot", "x.y")
                .auto("+team", "h1,h2")
                .standard("env", "p|q")
                .low("other", "a,b");

        assertThat(tags.build().low()).containsExactly("env:p", "env:q", "other:a,b", "team:a", "team:b");
        assertThat(tags.build().high()).containsExactly("dot:x", "dot:y", "team:h1", "team:h2");
        assertThat(tags.build().standard()).containsExactly("env:p", "env:q");
    }

    @Test
    void autodiscovery_arrayOfPairs_isHigh() {
        TagListBuilder tags = builder(Map.of());
        AutodiscoveryTags.fromLabel(
                "[\"k:v\", \"two:colons:here\", \"none\", 7, null, [\"x:y\"], \":x\", \"x:\", \"a:b\"]", tags);

        assertThat(tags.build().high()).containsExactly("a:b", "k:v");
        assertThat(tags.build().low()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no json", "{\"k\":\"v\"}", "\"k:v\"", "[\"k:v\"", "[\"k:v\"] and more", "null"})
    void autodiscovery_anythingElse_isRefused_andAddsNothing(String value) {
        TagListBuilder tags = builder(Map.of());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> AutodiscoveryTags.fromLabel(value, tags))
                .withMessageContaining("com.datadoghq.ad.tags");
        assertThat(tags.build().isEmpty()).isTrue();
    }

    private static TagInfo labels(Map<String, String> labels) {
        TagListBuilder tags = builder(Map.of());
        rules(Map.of(), Map.of()).labels(labels, tags);
        return tags.build();
    }

    private static TagInfo environment(String... entries) {
        TagListBuilder tags = builder(Map.of());
        rules(Map.of(), Map.of()).environment(List.of(entries), tags);
        return tags.build();
    }

    private static ContainerRules rules(Map<String, String> labels, Map<String, String> environment) {
        return new ContainerRules(MappingRules.of("labels", labels), MappingRules.of("environment", environment));
    }

    private static TagListBuilder builder(Map<String, String> separators) {
        return new TagListBuilder("test", EntityId.container("c"), separators);
    }
}
