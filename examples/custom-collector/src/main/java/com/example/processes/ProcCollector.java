package com.example.processes;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.CollectorPriority;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.FetchOnly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tags processes from {@code /proc}: {@code process_name} and {@code systemd_unit} (low), {@code process_uid} (low) and
 * {@code cgroup} (high). A fetch-only collector: there are far more processes than questions.
 */
public final class ProcCollector implements FetchOnly {
    // Set by detect(), read by fetches on further threads.
    private volatile Path root = Path.of("/proc");
    private volatile Duration keepFor = Duration.ZERO;
    private volatile Clock clock = Clock.systemUTC();

    /** Makes a collector, without any effect. */
    public ProcCollector() {}

    @Override
    public String name() {
        return "proc";
    }

    @Override
    public CollectorPriority priority() {
        return CollectorPriority.NODE_RUNTIME;
    }

    @Override
    public Set<String> entityPrefixes() {
        return Set.of(EntityId.PROCESS);
    }

    @Override
    public void check(Map<String, Object> settings) {
        keepFor(settings);
    }

    @Override
    public void detect(CollectorContext context) throws CollectorUnavailableException {
        root = Path.of(String.valueOf(context.settings().get("root")));
        keepFor = keepFor(context.settings());
        clock = context.clock();
        if (!Files.isReadable(root.resolve("self/stat")) && !Files.isReadable(root.resolve("1/stat"))) {
            throw CollectorUnavailableException.absent("there is no proc file system at " + root);
        }
    }

    @Override
    public List<TagInfo> fetch(EntityId entity) throws IOException {
        if (!entity.id().matches("[0-9]{1,10}")) {
            return List.of(); // no process has such an id
        }
        Path process = root.resolve(entity.id());
        TagInfo.Builder info = TagInfo.builder(name(), entity).expiry(clock.instant().plus(keepFor));
        try {
            info.low("process_name", Files.readString(process.resolve("comm")).strip());
            for (String line : Files.readAllLines(process.resolve("status"))) {
                if (line.startsWith("Uid:")) {
                    info.low("process_uid", line.split("\\s+")[1]);
                }
            }
            for (String line : Files.readAllLines(process.resolve("cgroup"))) {
                cgroup(line, info);
            }
        } catch (NoSuchFileException e) {
            return List.of(); // the process does not exist; any further error means "no answer", and is thrown
        }
        return List.of(info.build());
    }

    /**
     * A line is {@code hierarchy:controllers:path}; version 2, and systemd's own hierarchy of version 1, name the unit.
     */
    private static void cgroup(String line, TagInfo.Builder info) {
        String[] fields = line.split(":", 3);
        if (fields.length == 3 && (fields[0].equals("0") || fields[1].equals("name=systemd"))) {
            info.high("cgroup", fields[2]);
            for (String step : fields[2].split("/")) {
                if (step.endsWith(".service") || step.endsWith(".scope")) {
                    info.low("systemd_unit", step);
                }
            }
        }
    }

    private static Duration keepFor(Map<String, Object> settings) {
        String seconds = String.valueOf(settings.get("keep-for-seconds"));
        if (!seconds.matches("[1-9][0-9]{0,5}")) {
            throw new IllegalArgumentException(
                    "tagger.collectors.proc.keep-for-seconds is " + seconds + ", and must be 1 to 999999");
        }
        return Duration.ofSeconds(Integer.parseInt(seconds));
    }
}
