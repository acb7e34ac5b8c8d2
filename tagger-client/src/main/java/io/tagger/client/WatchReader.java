package io.tagger.client;

import io.tagger.client.EntityReport.SourceReport;
import io.tagger.client.store.LowLevel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the lines of a watch, {@code /v1/watch?sources=compact} or {@code true}. On the client's thread.
 *
 * <p>The agent sends tags shared by many entities once, with a number, and then the number alone.
 */
final class WatchReader {
    private final WatchEvents events;
    private final Numbered numbered = new Numbered();

    WatchReader(WatchEvents events) {
        this.events = events;
    }

    private static final class Numbered implements Answers.Sent {
        /** More numbers than any agent uses. */
        private static final int MOST = 65_536;

        private final List<@Nullable Object> values = new ArrayList<>();

        @Override
        public LowLevel low(long number) {
            return find(number) instanceof LowLevel low ? low : Answers.NOTHING_SENT.low(number);
        }

        @Override
        public SourceReport source(long number) {
            return find(number) instanceof SourceReport source ? source : Answers.NOTHING_SENT.source(number);
        }

        private @Nullable Object find(long number) {
            return number >= 0 && number < values.size() ? values.get((int) number) : null;
        }

        @Override
        public void put(long number, LowLevel low) {
            keep(number, low);
        }

        @Override
        public void put(long number, SourceReport source) {
            keep(number, source);
        }

        private void keep(long number, Object value) {
            if (number < 0 || number >= MOST) {
                throw new JsonReader.Malformed("the agent uses the number " + number + " for tags or a source");
            }
            while (values.size() <= number) {
                values.add(null);
            }
            values.set((int) number, value);
        }

        void clear() {
            values.clear();
        }
    }

    /** Reads lines. */
    void lines(byte[] bytes, int from, int end) {
        JsonReader json = new JsonReader(bytes, from, end);
        while (json.hasLine()) {
            line(json);
        }
    }

    private void line(JsonReader json) {
        Answers.EntityMembers members = new Answers.EntityMembers(numbered);
        String type = "";
        String token = "";
        json.object();
        for (String name = json.member(); name != null; name = json.member()) {
            switch (name) {
                case "type" -> type = json.string();
                case "token" -> token = json.string();
                default -> members.read(json, name);
            }
        }
        json.lineEnd();
        switch (type) {
            case "added", "modified" -> events.set(members.report(), type.equals("added"));
            case "deleted" -> events.deleted(members.report().entity());
            case "synced" -> {
                numbered.clear(); // the agent uses numbers for the initial state alone
                events.synced();
            }
            case "start_over" -> events.startOver();
            case "token" -> events.token(token);
            default -> {} // "alive", and lines added to the protocol since
        }
    }
}
