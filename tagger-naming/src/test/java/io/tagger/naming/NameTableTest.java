package io.tagger.naming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tagger.naming.NameTable.Attribute;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameTableTest {
    private final NameTable names = NameTable.openTelemetry();

    @ParameterizedTest
    @CsvSource({
        "env, deployment.environment.name",
        "service, service.name",
        "version, service.version",
        "container_id, container.id",
        "container_name, container.name",
        "image_name, container.image.name",
        "image_id, container.image.id",
        "kube_container_name, k8s.container.name",
        "pod_name, k8s.pod.name",
        "kube_namespace, k8s.namespace.name",
        "kube_deployment, k8s.deployment.name",
        "kube_replica_set, k8s.replicaset.name",
        "kube_daemon_set, k8s.daemonset.name",
        "kube_stateful_set, k8s.statefulset.name",
        "kube_job, k8s.job.name",
        "kube_cronjob, k8s.cronjob.name",
        "kube_replication_controller, k8s.replicationcontroller.name",
        "kube_app_component, k8s.pod.label.app.kubernetes.io/component",
        "git.commit.sha, vcs.ref.head.revision",
        "git.repository_url, vcs.repository.url.full",
        "task_family, aws.ecs.task.family",
        "task_version, aws.ecs.task.revision",
        "task_arn, aws.ecs.task.arn",
        "cluster_arn, aws.ecs.cluster.arn",
        "region, cloud.region",
        "availability_zone, cloud.availability_zone",
        "aws_account, cloud.account.id",
        "host, host.name",
        "architecture, host.arch",
        "os, os.type",
        "os_version, os.version",
        "team, team",
        "nomad_job, nomad_job"
    })
    void tag_hasOneValueInItsAttribute(String tag, String attribute) {
        assertThat(names.attribute(tag)).isEqualTo(new Attribute(attribute, false));
    }

    @ParameterizedTest
    @CsvSource({"image_tag, container.image.tags", "persistentvolumeclaim, k8s.persistentvolumeclaim.name"})
    void tag_hasAllValuesInItsAttribute(String tag, String attribute) {
        assertThat(names.attribute(tag)).isEqualTo(new Attribute(attribute, true));
    }

    @ParameterizedTest
    @CsvSource({
        "docker_image",
        "short_image",
        "display_container_name",
        "pod_phase",
        "kube_service",
        "kube_ownerref_kind",
        "kube_ownerref_name",
        "kube_qos",
        "kube_priority_class",
        "kube_runtime_class",
        "kube_argo_rollout",
        "ecs_cluster_name",
        "cluster_name",
        "ecs_container_name",
        "service_arn",
        "task_definition_arn",
        "kernel_version"
    })
    void tag_isLeftOut(String tag) {
        assertThat(names.attribute(tag)).isEqualTo(Attribute.NONE);
    }

    @Test
    void furtherRows_replaceRows_andThePrefixIsForTagsWithoutARow() {
        NameTable own = names.with(
                        Map.of("team", "acme.team", "volume", "acme.volumes[]", "env", "", "pod_phase", " p "))
                .withPrefix("tagger.");

        assertThat(own.attribute("team")).isEqualTo(new Attribute("acme.team", false));
        assertThat(own.attribute("volume")).isEqualTo(new Attribute("acme.volumes", true));
        assertThat(own.attribute("env")).isEqualTo(Attribute.NONE);
        assertThat(own.attribute("pod_phase")).isEqualTo(new Attribute("p", false));
        assertThat(own.attribute("nomad_job")).isEqualTo(new Attribute("tagger.nomad_job", false));
        assertThat(own.attribute("version")).isEqualTo(new Attribute("service.version", false));
    }

    @ParameterizedTest
    @CsvSource({"' ', a", "team, []"})
    void invalidRow_isNamed(String tag, String attribute) {
        assertThatThrownBy(() -> names.with(Map.of(tag, attribute)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the row '" + tag + " = " + attribute + "' must have");
    }
}
