package io.tagger.collectors.common;

import io.tagger.api.Cardinality;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rules from the labels and the environment of a container to tags, for any runtime: the built-in names and the
 * configured rules. Immutable and thread-safe.
 */
public final class ContainerRules {
    private record Target(String tag, Cardinality level) {
        void add(String value, TagListBuilder tags) {
            switch (level) {
                case LOW -> tags.low(tag, value);
                case ORCHESTRATOR -> tags.orchestrator(tag, value);
                case HIGH -> tags.high(tag, value);
            }
        }
    }

    private static final String LABEL = "label";
    private static final String VARIABLE = "variable";

    private static final String STANDARD_LABELS = "com.datadoghq.tags.";

    private static final Map<String, Target> LABELS = Map.of(
            "com.docker.swarm.service.name", low("swarm_service"),
            "com.docker.stack.namespace", low("swarm_namespace"),
            "io.rancher.container.name", new Target("rancher_container", Cardinality.HIGH),
            "io.rancher.stack.name", low("rancher_stack"),
            "io.rancher.stack_service.name", low("rancher_service"),
            "org.opencontainers.image.revision", low("git.commit.sha"),
            "org.opencontainers.image.source", low("git.repository_url"),
            "com.docker.compose.project", low("compose_project"),
            "com.docker.compose.service", low("compose_service"));

    private static final Map<String, Target> ENVIRONMENT = Map.ofEntries(
            Map.entry("DD_GIT_COMMIT_SHA", low("git.commit.sha")),
            Map.entry("DD_GIT_REPOSITORY_URL", low("git.repository_url")),
            Map.entry("MARATHON_APP_ID", low("marathon_app")),
            Map.entry("CHRONOS_JOB_NAME", low("chronos_job")),
            Map.entry("CHRONOS_JOB_OWNER", low("chronos_job_owner")),
            Map.entry("MESOS_TASK_ID", new Target("mesos_task", Cardinality.ORCHESTRATOR)),
            Map.entry("NOMAD_TASK_NAME", low("nomad_task")),
            Map.entry("NOMAD_JOB_NAME", low("nomad_job")),
            Map.entry("NOMAD_GROUP_NAME", low("nomad_group")),
            Map.entry("NOMAD_NAMESPACE", low("nomad_namespace")),
            Map.entry("NOMAD_DC", low("nomad_dc")));

    private final MappingRules labelRules;
    private final MappingRules environmentRules;
    private final ContainerExclusion exclusion;

    /**
     * Adds configured rules to the built-in rules.
     *
     * @param labelRules {@code tagger.container.labels-as-tags}
     * @param environmentRules {@code tagger.container.env-as-tags}
     * @param exclusion {@code tagger.container.exclude}
     */
    public ContainerRules(MappingRules labelRules, MappingRules environmentRules, ContainerExclusion exclusion) {
        this.labelRules = labelRules;
        this.environmentRules = environmentRules;
        this.exclusion = exclusion;
    }

    /**
     * Adds configured rules to the built-in rules; no container is left out.
     *
     * @param labelRules {@code tagger.container.labels-as-tags}
     * @param environmentRules {@code tagger.container.env-as-tags}
     */
    public ContainerRules(MappingRules labelRules, MappingRules environmentRules) {
        this(labelRules, environmentRules, ContainerExclusion.NONE);
    }

    /**
     * The rules that leave containers out.
     *
     * @return the rules
     */
    public ContainerExclusion exclusion() {
        return exclusion;
    }

    /**
     * Adds the tags of the labels.
     *
     * @param labels the labels
     * @param tags where the tags go
     */
    public void labels(Map<String, String> labels, TagListBuilder tags) {
        labelRules.note(LABEL, tags);
        StandardTags.fromLabels(labels, STANDARD_LABELS, tags);
        labels.forEach((name, value) -> {
            Target target = LABELS.get(name);
            if (target != null) {
                target.add(value, tags.from(LABEL, name));
            }
            labelRules.apply(LABEL, name, value, tags);
        });
    }

    /**
     * Adds the tags of the environment.
     *
     * @param environment {@code NAME=value} entries; an entry without {@code =} is skipped, a value may contain {@code =},
     *     and a name that stands twice has its last value
     * @param tags where the tags go
     */
    public void environment(List<String> environment, TagListBuilder tags) {
        environmentRules.note(VARIABLE, tags);
        Map<String, String> variables = new LinkedHashMap<>();
        for (String entry : environment) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                variables.put(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        variables.forEach((name, value) -> variable(name, value, tags));
    }

    /**
     * Whether a rule reads an environment variable.
     *
     * @param name the variable's name
     * @return false for a variable without an effect, whatever the value
     */
    public boolean readsVariable(String name) {
        return StandardTags.isVariable(name) || ENVIRONMENT.containsKey(name) || environmentRules.matches(name);
    }

    /**
     * Notes the rules for the environment, for a source whose variables are added one by one.
     *
     * @param tags the tags of an entity
     */
    public void noteEnvironment(TagListBuilder tags) {
        environmentRules.note(VARIABLE, tags);
    }

    /**
     * Notes the name of an environment variable, for a source that reads only some of the values.
     *
     * @param name the variable's name
     * @param tags the tags of an entity
     */
    public void see(String name, TagListBuilder tags) {
        environmentRules.see(VARIABLE, name, tags);
    }

    /**
     * Adds the tags of one environment variable.
     *
     * @param name the variable's name
     * @param value the variable's value
     * @param tags where the tags go
     */
    public void variable(String name, String value, TagListBuilder tags) {
        StandardTags.fromVariable(name, value, tags.from(VARIABLE, name));
        Target target = ENVIRONMENT.get(name);
        if (target != null) {
            target.add(value, tags.from(VARIABLE, name));
        }
        environmentRules.apply(VARIABLE, name, value, tags);
    }

    private static Target low(String tag) {
        return new Target(tag, Cardinality.LOW);
    }
}
