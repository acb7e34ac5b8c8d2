package io.tagger.ipc.server;

import io.tagger.api.CollectorStatus;
import io.tagger.api.TaggerStatus;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** The counters of the last minutes as rates, and the page of the status port. Used on the event loop alone. */
final class Rates {
    /** The samples of the last five minutes, one each ten seconds. */
    private static final int MOST = 31;

    private final Supplier<Map<String, Long>> counters;
    private final ArrayDeque<Sample> samples = new ArrayDeque<>();

    private record Sample(long nanos, Map<String, Long> counters) {}

    Rates(Supplier<Map<String, Long>> counters) {
        this.counters = counters;
    }

    void sample() {
        samples.add(new Sample(System.nanoTime(), counters.get()));
        if (samples.size() > MOST) {
            samples.remove();
        }
    }

    /** The state of the collectors and the rates, as the body of a page. Names of collectors are of a plain alphabet. */
    String html(TaggerStatus status) {
        StringBuilder html = new StringBuilder("<p>");
        html.append(status.ready() ? "ready" : "not ready").append(", ");
        html.append(status.entities()).append(" entities</p>\n<table><caption>Collectors</caption><thead><tr>");
        for (String column : new String[] {"name", "mode", "state", "entities", "failures", "since"}) {
            html.append("<th scope=\"col\">").append(column).append("</th>");
        }
        html.append("</tr></thead><tbody>\n");
        for (CollectorStatus collector : status.collectors()) {
            row(
                    html,
                    collector.name(),
                    collector.mode(),
                    collector.state() + (collector.degraded() ? ", degraded" : ""),
                    collector.entities(),
                    collector.counters().failures(),
                    collector.since());
        }
        html.append("</tbody></table>\n<table><caption>Rates, in a second</caption><tbody>\n");
        Map<String, Long> now = counters.get();
        Sample first = samples.peek();
        now.forEach((name, value) -> row(html, name, first == null ? "" : rate(first, name, value)));
        return html.append("</tbody></table>\n").toString();
    }

    private static String rate(Sample first, String name, long value) {
        double seconds = Math.max(1, (System.nanoTime() - first.nanos) / 1e9);
        return String.format(Locale.ROOT, "%.2f", (value - first.counters.getOrDefault(name, value)) / seconds);
    }

    private static void row(StringBuilder html, Object... cells) {
        html.append("<tr>");
        for (Object cell : cells) {
            html.append("<td>").append(cell).append("</td>");
        }
        html.append("</tr>\n");
    }
}
