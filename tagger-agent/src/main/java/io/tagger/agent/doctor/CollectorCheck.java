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
    private final Remedies remedies;
    private final List<Finding> findings = new ArrayList<>();

    CollectorCheck(Remedies remedies) {
        this.remedies = remedies;
    }

    /** The findings about a running agent's collectors. */
    List<Finding> check(TaggerStatus status) {
        for (CollectorStatus collector : status.collectors()) {
            String subject = "collector " + collector.name();
            String reason = collector.reason().isEmpty() ? "" : ": " + collector.reason();
            switch (collector.state()) {
                case RUNNING -> running(subject, collector, reason);
                case DETECTING -> findings.add(Finding.note(subject, "looks for its source" + reason, ""));
                case ABSENT ->
                    findings.add(Finding.note(subject, "is not used: " + collector.reason(), absence(collector)));
                case STOPPED -> findings.add(Finding.note(subject, "is stopped" + reason, ""));
                case WAITING, FAILED ->
                    findings.add(problem(collector.name(), "is " + collector.state() + reason, collector.reason()));
            }
        }
        issues(status.issues());
        return findings;
    }

    private Finding problem(String collector, String text, String reason) {
        return Finding.problem("collector " + collector, text, remedies.of(collector, reason));
    }

    private static String absence(CollectorStatus collector) {
        return collector.reason().contains("may not be entered")
                ? "if its tags are wanted: run the agent as root"
                : "if the source should be here: tagger.collectors." + collector.name()
                        + ".enabled = true makes its absence a failure";
    }

    private void running(String subject, CollectorStatus collector, String reason) {
        String text = "runs, with " + Finding.entities(collector.entities()) + reason;
        if (collector.degraded() || !collector.ready()) {
            findings.add(problem(collector.name(), text + "; it has not synced", collector.reason()));
        } else if (!reason.isEmpty()) {
            findings.add(Finding.note(subject, text, remedies.of(collector.name(), collector.reason())));
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
                                    ? problem(plugin.name(), result.reason(), result.reason())
                                    : Finding.note(subject, "is not used: " + result.reason(), ""));
                }
                case FAILED -> findings.add(problem(plugin.name(), result.reason(), result.reason()));
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
}
