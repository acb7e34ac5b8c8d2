package io.tagger.client;

import io.tagger.api.CollectorMode;
import io.tagger.api.CollectorState;
import io.tagger.api.CollectorStatus;
import io.tagger.api.CollectorStatus.Readiness;
import io.tagger.api.Issue;
import io.tagger.api.TaggerStatus;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads the agent's status, {@code /v1/collectors}, as {@link Answers} reads the other answers. */
final class StatusAnswer {
    private StatusAnswer() {}

    static TaggerStatus of(JsonReader json) {
        String mode = "";
        boolean ready = false;
        long entities = 0;
        List<String> lineage = List.of();
        List<CollectorStatus> collectors = new ArrayList<>();
        List<Issue> issues = new ArrayList<>();
        json.object();
        for (String name = json.member(); name != null; name = json.member()) {
            switch (name) {
                case "mode" -> mode = json.string();
                case "ready" -> ready = json.bool();
                case "entities" -> entities = json.number();
                case "lineage" -> lineage = json.strings();
                case "collectors" -> {
                    json.array();
                    while (json.item()) {
                        collectors.add(collector(json));
                    }
                }
                case "issues" -> {
                    json.array();
                    while (json.item()) {
                        issues.add(issue(json));
                    }
                }
                default -> json.skip();
            }
        }
        json.end();
        return new TaggerStatus(
                new TaggerStatus.Identity(mode, lineage),
                ready,
                new TaggerStatus.Size(entities, 0),
                collectors,
                issues,
                new TaggerStatus.Counters(0, 0, 0, 0, 0, 0));
    }

    private static CollectorStatus collector(JsonReader json) {
        Map<String, String> texts = new HashMap<>();
        Map<String, Long> numbers = new HashMap<>();
        Map<String, Boolean> flags = new HashMap<>();
        json.object();
        for (String name = json.member(); name != null; name = json.member()) {
            switch (name) {
                case "name", "mode", "state", "reason", "since", "last_error" -> texts.put(name, json.string());
                case "synced", "ready", "degraded" -> flags.put(name, json.bool());
                case "entities", "starts", "infos", "rejected", "fetches", "failures", "timeouts" ->
                    numbers.put(name, json.number());
                default -> json.skip();
            }
        }
        Readiness readiness = flags.getOrDefault("ready", false) ? Readiness.READY : Readiness.AWAITED;
        return new CollectorStatus(
                texts.getOrDefault("name", ""),
                constant(CollectorMode.class, texts.getOrDefault("mode", ""), CollectorMode.STREAM),
                new CollectorStatus.Condition(
                        constant(CollectorState.class, texts.getOrDefault("state", ""), CollectorState.RUNNING),
                        texts.getOrDefault("reason", ""),
                        moment(texts.getOrDefault("since", ""))),
                new CollectorStatus.Progress(
                        flags.getOrDefault("synced", false),
                        flags.getOrDefault("degraded", false) ? Readiness.DEGRADED : readiness,
                        numbers.getOrDefault("entities", 0L)),
                texts.getOrDefault("last_error", ""),
                new CollectorStatus.Counters(
                        numbers.getOrDefault("starts", 0L),
                        numbers.getOrDefault("infos", 0L),
                        numbers.getOrDefault("rejected", 0L),
                        numbers.getOrDefault("fetches", 0L),
                        numbers.getOrDefault("failures", 0L),
                        numbers.getOrDefault("timeouts", 0L)));
    }

    private static Issue issue(JsonReader json) {
        String severity = "";
        String subject = "";
        String message = "";
        json.object();
        for (String name = json.member(); name != null; name = json.member()) {
            switch (name) {
                case "severity" -> severity = json.string();
                case "subject" -> subject = json.string();
                case "message" -> message = json.string();
                default -> json.skip();
            }
        }
        return new Issue(severity.equals("error") ? Issue.Severity.ERROR : Issue.Severity.WARNING, subject, message);
    }

    /** A constant by its text; another constant for one that was added to the protocol since. */
    private static <E extends Enum<E>> E constant(Class<E> type, String text, E unknown) {
        try {
            return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            return unknown;
        }
    }

    private static Instant moment(String text) {
        try {
            return text.isEmpty() ? Instant.EPOCH : Instant.parse(text);
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }
}
