package io.tagger.agent.doctor;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * One fact about this machine.
 *
 * @param severity how much the fact matters
 * @param subject the part of the machine or of the agent
 * @param text the fact, a sentence
 * @param remedy the command, or the line of a configuration, that mends a problem; empty for none
 */
public record Finding(Severity severity, String subject, String text, String remedy) {
    /** How much a finding matters. */
    public enum Severity {
        /** As it should be. */
        OK,
        /** Worth knowing; no fault by itself. */
        NOTE,
        /** Tags are missing, or the agent can't start. */
        PROBLEM
    }

    /** Refuses null. */
    public Finding {
        Objects.requireNonNull(severity, "severity");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(remedy, "remedy");
    }

    static Finding ok(String subject, String text) {
        return new Finding(Severity.OK, subject, text, "");
    }

    static Finding note(String subject, String text, String remedy) {
        return new Finding(Severity.NOTE, subject, text, remedy);
    }

    static Finding problem(String subject, String text, String remedy) {
        return new Finding(Severity.PROBLEM, subject, text, remedy);
    }

    /** A number of entities, in words. */
    static String entities(long count) {
        return count == 1 ? "1 entity" : count + " entities";
    }

    /** The members of a JSON object. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("severity", severity.name().toLowerCase(Locale.ROOT));
        json.put("subject", subject);
        json.put("text", text);
        if (!remedy.isEmpty()) {
            json.put("remedy", remedy);
        }
        return json;
    }
}
