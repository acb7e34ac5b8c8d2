package io.tagger.cli;

import io.tagger.api.EntityId;
import io.tagger.client.AgentConnection;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code tagger explain}. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = {
            "Prints why an entity has its tags: the source, and the field or rule, of each tag; the values that lost; and"
                    + " what each collector has answered. With NAME, why the tag NAME is there or missing.",
            "The collectors read their sources again for an explanation. Values of labels and variables are printed for"
                    + " those alone that a rule selects."
        })
final class ExplainCommand extends BaseCommand {
    private static final String UNUSED = "is not used here";

    @Parameters(
            index = "0",
            paramLabel = "ENTITY",
            description = "prefix://id, such as container_id://3f4ab0... or process://4711")
    private String entity = "";

    @Parameters(index = "1", paramLabel = "NAME", arity = "0..1", description = "The name of a tag, such as team.")
    private String name = "";

    @Mixin
    private AgentOption address = new AgentOption();

    /** For picocli. */
    ExplainCommand() {}

    @Override
    public Integer call() {
        EntityId id;
        try {
            id = EntityId.parse(entity);
        } catch (IllegalArgumentException e) {
            throw wrongUsage(e.getMessage());
        }
        try (AgentConnection agent = address.connect()) {
            Map<String, Object> answer = Answers.await(agent, agent.operator().explain(id, name, Answers.PATIENCE));
            if (isJson()) {
                out().println(Output.json(answer));
            } else {
                print(answer);
            }
            return list(answer, "tags").isEmpty() ? Main.UNKNOWN_ENTITY : Main.OK;
        }
    }

    private void print(Map<String, Object> answer) {
        PrintWriter out = out();
        texts(answer, "findings").forEach(finding -> out.println(Output.line(finding)));
        if (!name.isEmpty()) {
            out.println();
        }
        List<List<String>> rows = new ArrayList<>();
        for (Map<String, Object> tag : list(answer, "tags")) {
            String text = Output.line(text(tag, "tag"));
            for (Map<String, Object> origin : list(tag, "origins")) {
                rows.add(List.of(text, text(tag, "cardinality"), text(origin, "source"), origin(origin)));
                text = "";
            }
        }
        table(out, List.of("TAG", "CARDINALITY", "SOURCE", "FROM"), rows);
        List<List<String>> lost = new ArrayList<>();
        for (Map<String, Object> tag : list(answer, "lost")) {
            Map<String, Object> origin = object(tag, "origin");
            lost.add(List.of(
                    Output.line(text(tag, "tag")),
                    text(origin, "source"),
                    origin(origin),
                    Output.line(text(tag, "why"))));
        }
        table(out, List.of("NOT SERVED", "SOURCE", "FROM", "WHY"), lost);
        out.println("collectors:");
        List<String> unused = new ArrayList<>();
        for (Map<String, Object> source : list(answer, "sources")) {
            if (text(source, "answer").startsWith(UNUSED)) {
                unused.add(text(source, "name"));
                continue;
            }
            out.println("  " + text(source, "name") + " " + Output.line(text(source, "answer")));
            seen(source).forEach((kind, names) -> out.println("    " + kind + " names: " + String.join(", ", names)));
        }
        if (!unused.isEmpty()) {
            out.println("  not used here: " + String.join(", ", unused) + " (tagger collectors has the reasons)");
        }
    }

    private static void table(PrintWriter out, List<String> head, List<List<String>> rows) {
        if (!rows.isEmpty()) {
            List<List<String>> all = new ArrayList<>(List.of(head));
            all.addAll(rows);
            Output.table(all).forEach(out::println);
            out.println();
        }
    }

    /** The field and the rule of a tag. */
    private static String origin(Map<String, Object> origin) {
        String from = text(origin, "from");
        String rule = text(origin, "rule");
        return Output.line(rule.isEmpty() ? from : from.isEmpty() ? "by " + rule : from + " by " + rule);
    }

    /** The names at a source, by kind. */
    private static Map<String, TreeSet<String>> seen(Map<String, Object> source) {
        Map<String, TreeSet<String>> names = new LinkedHashMap<>();
        for (Map<String, Object> seen : list(source, "seen")) {
            names.computeIfAbsent(text(seen, "kind"), kind -> new TreeSet<>()).add(Output.line(text(seen, "name")));
        }
        return names;
    }

    private static String text(Map<String, Object> object, String member) {
        return String.valueOf(object.getOrDefault(member, ""));
    }

    private static List<String> texts(Map<String, Object> object, String member) {
        return object.get(member) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    private static List<Map<String, Object>> list(Map<String, Object> object, String member) {
        List<Map<String, Object>> objects = new ArrayList<>();
        if (object.get(member) instanceof List<?> list) {
            list.forEach(item -> objects.add(map(item)));
        }
        return objects;
    }

    private static Map<String, Object> object(Map<String, Object> object, String member) {
        return map(object.get(member));
    }

    private static Map<String, Object> map(Object value) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> members) {
            members.forEach((name, member) -> map.put(String.valueOf(name), member));
        }
        return map;
    }
}
