package io.tagger.agent.doctor;

import io.tagger.api.CollectorStatus;
import io.tagger.api.Issue;
import io.tagger.api.TaggerStatus;
import io.tagger.config.CollectorUse;
import io.tagger.config.TaggerConfig;
import io.tagger.runtime.TaggerSetup;
import io.tagger.runtime.plugin.CollectorPlugin;
import io.tagger.runtime.plugin.Trial;
import java.util.ArrayList;
import java.util.List;

/** Looks at the collectors: the states of a running agent, or else a trial detection by this process. */
final class CollectorCheck {
    private final List<Finding> findings = new ArrayList<>();

    /** The findings about a running agent's collectors. */
    List<Finding> check(TaggerStatus status) {
        for (CollectorStatus collector : status.collectors()) {
            String subject = "collector " + collector.name();
            String reason = collector.reason().isEmpty() ? "" : ": " + collector.reason();
            switch (collector.state()) {
                case RUNNING -> running(subject, collector, reason);
                case DETECTING -> findings.add(Finding.note(subject, "looks for its source" + reason, ""));
                case ABSENT ->
                    findings.add(Finding.note(
                            subject,
                            "is not used: " + collector.reason(),
                            "if the source should be here: tagger.collectors." + collector.name()
                                    + ".enabled = true makes its absence a failure"));
                case STOPPED -> findings.add(Finding.note(subject, "is stopped" + reason, ""));
                case WAITING, FAILED ->
                    findings.add(Finding.problem(
                            subject, "is " + collector.state() + reason, remedy(collector.name(), collector.reason())));
            }
        }
        issues(status.issues());
        return findings;
    }

    private void running(String subject, CollectorStatus collector, String reason) {
        String text = "runs, with " + collector.entities() + " entities" + reason;
        if (collector.degraded() || !collector.ready()) {
            findings.add(Finding.problem(
                    subject, text + "; it has not synced", remedy(collector.name(), collector.reason())));
        } else if (!reason.isEmpty()) {
            findings.add(Finding.note(subject, text, remedy(collector.name(), collector.reason())));
        } else {
            findings.add(Finding.ok(subject, text));
        }
    }

    /** The findings of trial detections by this process, without an agent. */
    List<Finding> check(TaggerSetup setup, TaggerConfig config) {
        for (CollectorPlugin plugin : setup.found()) {
            String subject = "collector " + plugin.name();
            if (config.use(plugin.name()) == CollectorUse.OFF) {
                findings.add(Finding.note(subject, "is switched off", ""));
                continue;
            }
            Trial.Result result = Trial.detect(plugin, config.collector(plugin.name()), TaggerSetup.hostName(config));
            switch (result.outcome()) {
                case FOUND -> findings.add(Finding.ok(subject, "finds its source"));
                case ABSENT -> {
                    boolean isRequired = config.use(plugin.name()) == CollectorUse.REQUIRED;
                    findings.add(
                            isRequired
                                    ? Finding.problem(subject, result.reason(), remedy(plugin.name(), result.reason()))
                                    : Finding.note(subject, "is not used: " + result.reason(), ""));
                }
                case FAILED ->
                    findings.add(Finding.problem(subject, result.reason(), remedy(plugin.name(), result.reason())));
            }
        }
        issues(setup.issues());
        return findings;
    }

    private void issues(List<Issue> issues) {
        for (Issue issue : issues) {
            findings.add(new Finding(
                    issue.severity() == Issue.Severity.ERROR ? Finding.Severity.PROBLEM : Finding.Severity.NOTE,
                    issue.subject(),
                    issue.message(),
                    ""));
        }
    }

    /** The command or line for the faults that operators meet most. */
    static String remedy(String collector, String reason) {
        if (reason.contains("permission") || reason.contains("Permission denied") || reason.contains("may not")) {
            return switch (collector) {
                case "docker" ->
                    "sudo usermod -aG docker tagger && sudo systemctl restart tagger; in a container: --group-add $(stat"
                            + " -c %g /var/run/docker.sock)";
                case "kubernetes" -> "kubectl apply -k deploy/kubernetes (the rights are in deploy/kubernetes/rights)";
                default -> "run the agent as a user with the right, such as root";
            };
        } else if (reason.contains("403") || reason.contains("forbidden") || reason.contains("401")) {
            return "kubectl apply -k deploy/kubernetes/rights; which right is missing: kubectl auth can-i VERB RESOURCE"
                    + " --as=system:serviceaccount:tagger:tagger";
        } else if (collector.equals("docker")) {
            return "sudo systemctl start docker; another daemon: tagger.collectors.docker.host = \"unix:///PATH\"";
        }
        return "tagger log debug 10m shows each step; tagger.collectors." + collector
                + ".enabled = false switches it off";
    }
}
