package io.tagger.agent;

import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.tagger.api.CollectorState;
import io.tagger.api.CollectorStatus;
import io.tagger.api.TaggerStatus;
import io.tagger.cli.Version;
import io.tagger.ipc.server.IpcServer;
import io.tagger.runtime.LocalTagger;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * The metrics of the agent: the counters of the tagger and the server, read at each scrape; the latency of lookups and the
 * time to the tags of new containers, as histograms; the process and the JVM. Thread-safe.
 */
final class Metrics {
    private static final String COLLECTOR = "collector";

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Histogram lookups;
    private final Histogram timeToTag;
    private final DistributionDataPoint hits;
    private final DistributionDataPoint misses;

    Metrics() {
        Info.builder()
                .name("tagger_build_info")
                .help("The version of the agent, and of its Java.")
                .labelNames("version", "java")
                .register(registry)
                .addLabelValues(Version.agent(), Runtime.version().toString());
        lookups = Histogram.builder()
                .name("tagger_ipc_lookup_seconds")
                .help("The time from a lookup over the socket or the port to its answer.")
                .labelNames("result")
                .classicOnly()
                .classicUpperBounds(0.00001, 0.0001, 0.001, 0.01, 0.1, 0.5, 1, 3)
                .register(registry);
        hits = lookups.labelValues("hit");
        misses = lookups.labelValues("miss");
        timeToTag = Histogram.builder()
                .name("tagger_time_to_tag_seconds")
                .help("The time from the start of a container, by its daemon's clock, until its tags are served.")
                .labelNames(COLLECTOR)
                .classicOnly()
                .classicUpperBounds(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
                .register(registry);
        JvmMetrics.builder().register(registry);
    }

    /** Takes note of an answered lookup. */
    void looked(long nanos, boolean isHit) {
        (isHit ? hits : misses).observe(nanos / 1e9);
    }

    /** Takes note of the first tags of a container. */
    void tagged(String collector, Duration sinceStart) {
        timeToTag.labelValues(collector).observe(sinceStart.toMillis() / 1e3);
    }

    /** The text for one scrape, of a tagger and with the given statistics of the server. */
    String text(LocalTagger tagger, IpcServer.Statistics statistics, boolean isOpenMetrics) {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        snapshots(tagger, statistics).forEach(all::metricSnapshot);
        registry.scrape().forEach(all::metricSnapshot);
        ExpositionFormatWriter writer = isOpenMetrics
                ? OpenMetricsTextFormatWriter.create()
                : PrometheusTextFormatWriter.builder().build();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writer.write(out, all.build());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // an array does not fail
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static MetricSnapshots snapshots(LocalTagger tagger, IpcServer.Statistics statistics) {
        TaggerStatus status = tagger.status();
        TaggerStatus.Counters counters = status.counters();
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        all.metricSnapshot(gauge("tagger_entities", "Entities in the store.", status.entities()));
        all.metricSnapshot(gauge(
                "tagger_incomplete_entities",
                "Known entities that lack an answer: a collector failed, is awaited or was asked in vain.",
                tagger.incomplete()));
        all.metricSnapshot(gauge("tagger_ready", "1 if no collector is awaited.", status.ready() ? 1 : 0));
        all.metricSnapshot(gauge(
                "tagger_subscriptions", "Open subscriptions.", status.size().subscriptions()));
        all.metricSnapshot(counter("tagger_misses", "Lookups with a question to a collector.", counters.misses()));
        all.metricSnapshot(counter("tagger_miss_timeouts", "Lookups ended by their deadline.", counters.timeouts()));
        all.metricSnapshot(counter("tagger_updates", "Infos with an effect on the store.", counters.updates()));
        all.metricSnapshot(counter("tagger_prunes", "Prunes.", counters.prunes()));
        all.metricSnapshot(counter("tagger_pruned_entities", "Entities removed by prunes.", counters.pruned()));
        all.metricSnapshot(counter("tagger_late_answers", "Fetched answers refused as late.", counters.late()));
        collectors(status.collectors(), all);
        CounterSnapshot.Builder requests = CounterSnapshot.builder()
                .name("tagger_ipc_requests")
                .help("Ended requests, by the code of the answer.");
        statistics
                .codes()
                .forEach((code, count) -> requests.dataPoint(CounterDataPointSnapshot.builder()
                        .labels(Labels.of("code", code))
                        .value(count)
                        .build()));
        all.metricSnapshot(requests.build());
        all.metricSnapshot(counter("tagger_ipc_errors", "Requests answered with an error.", statistics.errors()));
        all.metricSnapshot(gauge("tagger_ipc_connections", "Open connections.", statistics.connections()));
        all.metricSnapshot(gauge("tagger_ipc_watchers", "Watches under way.", statistics.watchers()));
        all.metricSnapshot(gauge(
                "tagger_ipc_unread_bytes",
                "Bytes of answers that callers have not taken.",
                statistics.held().unread()));
        all.metricSnapshot(counter("tagger_ipc_refused", "Connections over the limit.", statistics.refused()));
        all.metricSnapshot(counter(
                "tagger_ipc_origin_conflicts",
                "Callers that named another container than the kernel.",
                statistics.conflicts()));
        return all.build();
    }

    private static void collectors(List<CollectorStatus> collectors, MetricSnapshots.Builder all) {
        GaugeSnapshot.Builder states =
                GaugeSnapshot.builder().name("tagger_collector_state").help("1 for the present state of a collector.");
        GaugeSnapshot.Builder entities =
                GaugeSnapshot.builder().name("tagger_collector_entities").help("Entities with tags from a collector.");
        for (CollectorStatus collector : collectors) {
            for (CollectorState state : CollectorState.values()) {
                states.dataPoint(GaugeDataPointSnapshot.builder()
                        .labels(Labels.of(
                                COLLECTOR,
                                collector.name(),
                                "state",
                                state.name().toLowerCase(Locale.ROOT)))
                        .value(collector.state() == state ? 1 : 0)
                        .build());
            }
            entities.dataPoint(GaugeDataPointSnapshot.builder()
                    .labels(Labels.of(COLLECTOR, collector.name()))
                    .value(collector.entities())
                    .build());
        }
        all.metricSnapshot(states.build()).metricSnapshot(entities.build());
        each(all, collectors, "starts", "Instances started.", counters -> counters.starts());
        each(all, collectors, "infos", "Infos taken.", counters -> counters.infos());
        each(all, collectors, "rejected", "Infos refused.", counters -> counters.rejected());
        each(all, collectors, "fetches", "Questions asked on misses.", counters -> counters.fetches());
        each(all, collectors, "failures", "Steps ended by an error.", counters -> counters.failures());
        each(all, collectors, "timeouts", "Steps past their deadline.", counters -> counters.timeouts());
    }

    private static void each(
            MetricSnapshots.Builder all,
            List<CollectorStatus> collectors,
            String what,
            String help,
            ToLongFunction<CollectorStatus.Counters> value) {
        CounterSnapshot.Builder counter =
                CounterSnapshot.builder().name("tagger_collector_" + what).help(help);
        for (CollectorStatus collector : collectors) {
            counter.dataPoint(CounterDataPointSnapshot.builder()
                    .labels(Labels.of(COLLECTOR, collector.name()))
                    .value(value.applyAsLong(collector.counters()))
                    .build());
        }
        all.metricSnapshot(counter.build());
    }

    private static GaugeSnapshot gauge(String name, String help, double value) {
        return GaugeSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(GaugeDataPointSnapshot.builder().value(value).build())
                .build();
    }

    private static CounterSnapshot counter(String name, String help, double value) {
        return CounterSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(CounterDataPointSnapshot.builder().value(value).build())
                .build();
    }
}
