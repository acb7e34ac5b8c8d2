package io.tagger.client;

import io.tagger.api.CollectorPriority;
import io.tagger.client.EntityReport.Levels;
import io.tagger.client.EntityReport.SourceReport;
import io.tagger.client.store.LowLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the agent's answers. Members added to the protocol since are skipped; a missing member has an empty value. A value
 * of another kind is a {@link JsonReader.Malformed}.
 */
final class Answers {
    private Answers() {}

    /** The values that the agent has sent before on a watch, by number. */
    interface Sent {
        LowLevel low(long number);

        SourceReport source(long number);

        void put(long number, LowLevel low);

        void put(long number, SourceReport source);
    }

    /** Nothing was sent before, and nothing is kept. */
    static final Sent NOTHING_SENT = new Sent() {
        @Override
        public LowLevel low(long number) {
            throw new JsonReader.Malformed("the agent names tags by the number " + number + ", which was not sent");
        }

        @Override
        public SourceReport source(long number) {
            throw new JsonReader.Malformed("the agent names a source by the number " + number + ", which was not sent");
        }

        @Override
        public void put(long number, LowLevel low) {}

        @Override
        public void put(long number, SourceReport source) {}
    };

    /** The members of an entity, read one by one. */
    static final class EntityMembers {
        private final Sent sent;
        private String entity = "";
        private @Nullable LevelMembers tags; // null in the compact form
        private boolean complete;
        private List<SourceReport> sources = List.of();

        EntityMembers(Sent sent) {
            this.sent = sent;
        }

        /** Reads a member, or skips an unknown member. */
        void read(JsonReader json, String name) {
            switch (name) {
                case "entity" -> entity = json.string();
                case "complete" -> complete = json.bool();
                case "sources" -> {
                    sources = new ArrayList<>(2);
                    json.array();
                    while (json.item()) {
                        sources.add(source(json, sent));
                    }
                }
                default -> {
                    tags = tags == null ? new LevelMembers(sent) : tags;
                    if (!tags.read(json, name)) {
                        json.skip();
                    }
                }
            }
        }

        EntityReport report() {
            return new EntityReport(entity, tags == null ? Levels.NONE : tags.levels(), complete, sources);
        }
    }

    private static final class LevelMembers {
        private final Sent sent;
        private @Nullable LowLevel shared;
        private List<String> low = List.of();
        private List<String> orchestrator = List.of();
        private List<String> high = List.of();
        private List<String> standard = List.of();

        LevelMembers(Sent sent) {
            this.sent = sent;
        }

        boolean read(JsonReader json, String name) {
            switch (name) {
                case "low" -> readLow(json);
                case "orchestrator" -> orchestrator = sorted(json.strings());
                case "high" -> high = sorted(json.strings());
                case "standard" -> standard = sorted(json.strings());
                default -> {
                    return false;
                }
            }
            return true;
        }

        /** Tags; or the number of low tags sent before; or low tags with their standard tags, and a number for later. */
        private void readLow(JsonReader json) {
            if (json.isNumber()) {
                shared = sent.low(json.number());
                return;
            }
            if (json.isArray()) {
                low = sorted(json.strings());
                return;
            }
            long number = -1;
            json.object();
            for (String name = json.member(); name != null; name = json.member()) {
                switch (name) {
                    case "number" -> number = json.number();
                    case "tags" -> low = sorted(json.strings());
                    case "standard" -> standard = sorted(json.strings());
                    default -> json.skip();
                }
            }
            if (number >= 0) {
                shared = new LowLevel(low, standard);
                sent.put(number, shared);
            }
        }

        Levels levels() {
            LowLevel known = shared == null ? new LowLevel(low, standard) : shared;
            return new Levels(known, orchestrator, high);
        }
    }

    /** The tags, sorted and without duplicates, as every agent sends them; a text without a name or value is no tag. */
    private static List<String> sorted(List<String> tags) {
        String last = "";
        for (String tag : tags) {
            if (!isTag(tag) || tag.compareTo(last) <= 0) {
                return List.copyOf(
                        new TreeSet<>(tags.stream().filter(Answers::isTag).toList()));
            }
            last = tag;
        }
        return tags;
    }

    private static boolean isTag(String text) {
        int colon = text.indexOf(':');
        return colon > 0 && colon < text.length() - 1;
    }

    /** A source in one object; or a head, or its number, and beside it the tags. */
    private static SourceReport source(JsonReader json, Sent sent) {
        SourceReport head = null;
        HeadMembers inline = null;
        LevelMembers own = new LevelMembers(sent);
        json.object();
        for (String name = json.member(); name != null; name = json.member()) {
            if (name.equals("source")) {
                head = head(json, sent);
            } else if (!own.read(json, name)) {
                inline = inline == null ? new HeadMembers() : inline;
                inline.read(json, name);
            }
        }
        if (inline != null && inline.all) {
            return inline.report();
        }
        SourceReport read = head == null ? (inline == null ? new HeadMembers() : inline).report() : head;
        return new SourceReport(read.name(), read.priority(), read.complete(), own.levels());
    }

    private static SourceReport head(JsonReader json, Sent sent) {
        if (json.isNumber()) {
            return sent.source(json.number());
        }
        HeadMembers head = new HeadMembers();
        long number = -1;
        json.object();
        for (String name = json.member(); name != null; name = json.member()) {
            if (name.equals("number")) {
                number = json.number();
            } else {
                head.read(json, name);
            }
        }
        SourceReport report = head.report();
        if (number >= 0) {
            sent.put(number, report);
        }
        return report;
    }

    private static final class HeadMembers {
        private String name = "";
        private CollectorPriority priority = CollectorPriority.NODE_RUNTIME;
        private boolean complete;
        private boolean all;

        void read(JsonReader json, String member) {
            switch (member) {
                case "name" -> name = json.string();
                case "priority" -> priority = priority(json.string());
                case "complete" -> complete = json.bool();
                case "all" -> all = json.bool();
                default -> json.skip();
            }
        }

        SourceReport report() {
            return new SourceReport(name, priority, complete, null);
        }
    }

    /** The priority; the lowest one for a priority added to the protocol since. */
    private static CollectorPriority priority(String text) {
        return switch (text) {
            case "node_orchestrator" -> CollectorPriority.NODE_ORCHESTRATOR;
            case "cluster_orchestrator" -> CollectorPriority.CLUSTER_ORCHESTRATOR;
            default -> CollectorPriority.NODE_RUNTIME;
        };
    }

    /** An entity, {@code /v1/entity}, or a line of {@code /v1/entities?sources=true}. */
    static EntityReport entity(JsonReader json) {
        EntityMembers members = new EntityMembers(NOTHING_SENT);
        json.object();
        for (String name = json.member(); name != null; name = json.member()) {
            members.read(json, name);
        }
        json.lineEnd();
        return members.report();
    }

    /** The answer of {@code /v1/tags}. */
    static TagAnswer tags(JsonReader json) {
        List<String> tags = List.of();
        boolean complete = false;
        json.object();
        for (String name = json.member(); name != null; name = json.member()) {
            switch (name) {
                case "tags" -> tags = json.strings();
                case "complete" -> complete = json.bool();
                default -> json.skip();
            }
        }
        json.end();
        return new TagAnswer(tags, complete);
    }

    /** The answer of {@code /v1/self}. */
    static OriginAnswer origin(JsonReader json) {
        String entity = "";
        String how = "";
        List<String> tags = List.of();
        List<String> standard = List.of();
        boolean complete = false;
        OriginAnswer.Found around = null;
        json.object();
        for (String name = json.member(); name != null; name = json.member()) {
            switch (name) {
                case "entity" -> entity = json.string();
                case "how" -> how = json.string();
                case "tags" -> tags = json.strings();
                case "standard" -> standard = json.strings();
                case "complete" -> complete = json.bool();
                case "around" -> around = found(json);
                default -> json.skip();
            }
        }
        json.end();
        return new OriginAnswer(new OriginAnswer.Found(entity, tags), how, standard, complete, around);
    }

    private static OriginAnswer.Found found(JsonReader json) {
        String entity = "";
        List<String> tags = List.of();
        json.object();
        for (String name = json.member(); name != null; name = json.member()) {
            switch (name) {
                case "entity" -> entity = json.string();
                case "tags" -> tags = json.strings();
                default -> json.skip();
            }
        }
        return new OriginAnswer.Found(entity, tags);
    }

    /** The code and the message of an error; both empty for a text of another kind. */
    static String[] error(byte[] text) {
        String[] found = {"", ""};
        try {
            JsonReader json = new JsonReader(text);
            json.object();
            for (String name = json.member(); name != null; name = json.member()) {
                if (name.equals("error")) {
                    error(json, found);
                } else {
                    json.skip();
                }
            }
        } catch (JsonReader.Malformed e) {
            return new String[] {"", ""};
        }
        return found;
    }

    private static void error(JsonReader json, String[] found) {
        json.object();
        for (String name = json.member(); name != null; name = json.member()) {
            switch (name) {
                case "code" -> found[0] = json.string();
                case "message" -> found[1] = json.string();
                default -> json.skip();
            }
        }
    }
}
