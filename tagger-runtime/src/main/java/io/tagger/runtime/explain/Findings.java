package io.tagger.runtime.explain;

import io.tagger.api.Explanation;
import io.tagger.api.Explanation.Lost;
import io.tagger.api.Explanation.Origin;
import io.tagger.api.Explanation.Source;
import io.tagger.api.Explanation.Tag;
import io.tagger.api.Provenance.Rule;
import io.tagger.api.Provenance.Seen;
import io.tagger.config.Distance;
import io.tagger.store.NameRules;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The sentences of an explanation about one tag: where the tag comes from, or why it is missing. Not thread-safe. */
final class Findings {
    /** Names that differ by more letters are no misspellings of one another. */
    private static final int MISSPELT = 2;

    private static final Pattern TEMPLATE = Pattern.compile("%%.*?%%");
    private static final Pattern SEPARATOR = Pattern.compile("[./_-]");

    private final Explanation explanation;
    private final NameRules names;
    private final Set<String> findings = new LinkedHashSet<>();

    Findings(Explanation explanation, NameRules names) {
        this.explanation = explanation;
        this.names = names;
    }

    /**
     * The sentences about a tag.
     *
     * @param name the tag's name; empty for sentences about the entity alone
     */
    List<String> about(String name) {
        List<Tag> served = explanation.tags().stream()
                .filter(tag -> tag.tag().startsWith(name + ":"))
                .toList();
        if (!name.isEmpty() && served.isEmpty()) {
            missing(name);
        }
        served.forEach(this::served);
        entity();
        return List.copyOf(findings);
    }

    private void served(Tag tag) {
        for (Origin origin : tag.origins()) {
            findings.add(tag.tag() + " comes from " + origin.source() + words(origin));
        }
    }

    /** The field and the rule of an origin, as the end of a sentence. */
    static String words(Origin origin) {
        String from = origin.from().isEmpty() ? "" : ", " + origin.from();
        return origin.rule().isEmpty() ? from : from + " by " + origin.rule();
    }

    private void entity() {
        if (explanation.tags().isEmpty()
                && explanation.sources().stream()
                        .allMatch(source -> source.provenance().tags().isEmpty())) {
            findings.add("no collector has tags of " + explanation.entity());
        }
        for (Source source : explanation.sources()) {
            source.provenance().notes().forEach(note -> findings.add(source.name() + ": " + note));
            if (!source.complete()) {
                findings.add(
                        "incomplete: " + source.name() + " " + source.answer() + "; tagger doctor has the next step");
            }
        }
    }

    private void missing(String name) {
        for (Lost lost : explanation.lost()) {
            if (lost.tag().startsWith(name + ":")) {
                findings.add(lost.tag() + " of " + lost.origin().source() + words(lost.origin()) + " is not served: "
                        + lost.why());
            }
        }
        if (!names.served(name).equals(name) && !names.served(name).isEmpty()) {
            findings.add(name + " is served as " + names.served(name) + ", by tagger.tag-names.rename");
        }
        otherSpelling(name);
        for (Source source : explanation.sources()) {
            refused(source, name);
            boolean isExpected = rules(source, name);
            if (!isExpected && findings.isEmpty()) {
                seen(source, name);
            }
        }
        List<String> open = explanation.sources().stream()
                .filter(source -> !source.complete())
                .map(Source::name)
                .toList();
        if (findings.isEmpty() && !open.isEmpty()) {
            findings.add("whether a label, annotation or variable makes a tag " + name + " is not known before "
                    + String.join(" and ", open) + " " + (open.size() == 1 ? "answers" : "answer"));
        } else if (findings.isEmpty()) {
            findings.add("no rule makes a tag " + name + ", and no label, annotation or variable has a name like that: "
                    + asked());
        }
    }

    private String asked() {
        return explanation.sources().isEmpty()
                ? "no collector is asked about " + explanation.entity().prefix()
                : explanation.sources().stream()
                        .filter(source -> !source.answer().startsWith("is not used here"))
                        .map(source -> source.name() + " " + source.answer())
                        .collect(Collectors.joining("; "));
    }

    private void otherSpelling(String name) {
        explanation.tags().stream()
                .map(tag -> Explainer.nameOf(tag.tag()))
                .distinct()
                .filter(other -> other.equalsIgnoreCase(name))
                .forEach(other -> findings.add("there is a tag " + other + ": names of tags are case-sensitive"));
    }

    private void refused(Source source, String name) {
        for (Seen seen : source.provenance().seen()) {
            if (!seen.refusal().isEmpty() && isLike(seen.name(), name)) {
                findings.add(source.name() + ": " + seen.kind() + " " + seen.name() + ": " + seen.refusal());
            }
        }
    }

    /** The rules of a source that would make the tag, and the names that they miss; whether there is such a rule. */
    private boolean rules(Source source, String name) {
        boolean isExpected = false;
        for (Rule rule : source.provenance().rules()) {
            if (!makes(rule, name)) {
                continue;
            }
            isExpected = true;
            String subject = rule.setting() + " \"" + rule.pattern() + "\"";
            Set<String> seen = source.provenance().seen().stream()
                    .filter(one -> one.kind().equals(rule.kind()))
                    .map(Seen::name)
                    .collect(Collectors.toCollection(LinkedHashSet::new));
            Optional<String> same = seen.stream()
                    .filter(one -> one.equalsIgnoreCase(rule.pattern()))
                    .findFirst();
            if (same.isPresent()) {
                findings.add(source.name() + ": " + rule.kind() + " " + same.get() + " has no value, so that " + subject
                        + " makes no tag " + name);
            } else {
                findings.add(source.name() + ": " + subject + " makes " + name + " from a " + rule.kind()
                        + " that is not there" + nearest(rule, seen));
            }
        }
        return isExpected;
    }

    private static boolean makes(Rule rule, String name) {
        for (String template : rule.tags().split(",")) {
            String tag = template.strip();
            if ((tag.startsWith("+") ? tag.substring(1) : tag).equals(name)
                    && !TEMPLATE.matcher(tag).find()) {
                return true;
            }
        }
        return false;
    }

    private static String nearest(Rule rule, Set<String> seen) {
        String pattern = rule.pattern();
        Optional<String> spaced = seen.stream()
                .filter(one -> one.strip().equalsIgnoreCase(pattern.strip()))
                .findFirst();
        if (spaced.isPresent()) {
            return ": the nearest is \"" + spaced.get() + "\", and "
                    + (pattern.equals(pattern.strip()) ? "the " + rule.kind() : "the rule") + " has a space: write \""
                    + spaced.get() + "\"";
        }
        return Distance.nearest(pattern.toLowerCase(Locale.ROOT), lower(seen), MISSPELT)
                .map(near -> ": the nearest is \"" + near + "\"")
                .orElse("");
    }

    private static List<String> lower(Set<String> names) {
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    }

    /** The names of a source that look like the tag, and that no rule reads. */
    private void seen(Source source, String name) {
        Set<String> used =
                source.provenance().tags().stream().map(tag -> tag.from()).collect(Collectors.toSet());
        List<String> near = new ArrayList<>();
        for (Seen seen : source.provenance().seen()) {
            if (isLike(seen.name(), name) && !used.contains(seen.kind() + " " + seen.name())) {
                near.add(seen.kind() + " \"" + seen.name() + "\" is there, and no rule reads it: set " + seen.setting()
                        + " { \"" + seen.name() + "\" = " + name + " }");
            }
        }
        near.forEach(one -> findings.add(source.name() + ": " + one));
    }

    /** Whether a name of the source may be meant: the last part, or the whole, differs by little. */
    private static boolean isLike(String seen, String tag) {
        String text = seen.strip().toLowerCase(Locale.ROOT);
        String wanted = tag.toLowerCase(Locale.ROOT);
        String[] parts = SEPARATOR.split(text);
        List<String> candidates = List.of(text, parts.length == 0 ? text : parts[parts.length - 1]);
        int limit = Math.min(MISSPELT, wanted.length() / 3); // of three letters, one may differ
        return Distance.nearest(wanted, candidates, limit).isPresent();
    }
}
