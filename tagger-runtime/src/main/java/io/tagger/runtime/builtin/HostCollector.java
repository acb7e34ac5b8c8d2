package io.tagger.runtime.builtin;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.TagSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tags this machine, {@code host://<name>}, with the low tags {@code host}, {@code os}, {@code os_version}, {@code
 * architecture} and {@code kernel_version}.
 *
 * <p>{@code os} is the family in lower case ({@code linux}); {@code os_version} is the distribution's name of the
 * release, from {@code /etc/os-release}, and is left out without that file.
 */
public final class HostCollector implements Puller {
    /** Only an upgrade of the distribution changes these tags; another collector may delete the entity. */
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private static final List<Path> RELEASE_FILES = List.of(Path.of("/etc/os-release"), Path.of("/usr/lib/os-release"));

    private @Nullable CollectorContext context;
    private volatile @Nullable TagInfo last; // written by the pulling thread alone

    /** For the ServiceLoader. */
    public HostCollector() {}

    @Override
    public String name() {
        return "host";
    }

    @Override
    public CollectorPriority priority() {
        return CollectorPriority.NODE_RUNTIME;
    }

    @Override
    public Set<String> entityPrefixes() {
        return Set.of(EntityId.HOST);
    }

    @Override
    public void detect(CollectorContext lent) {
        context = lent;
    }

    @Override
    public void pull(TagSink sink) throws InterruptedException {
        if (context == null) {
            throw new IllegalStateException("pull before detect");
        }
        String name = context.hostName();
        TagInfo info = TagInfo.builder(name(), EntityId.host(name))
                .low("host", name)
                .low("os", family(System.getProperty("os.name", "")))
                .low("os_version", release())
                .low("architecture", System.getProperty("os.arch", ""))
                .low("kernel_version", System.getProperty("os.version", ""))
                .build();
        if (!info.equals(last) || !context.holds(info.entity())) {
            sink.send(List.of(info));
            last = info;
        }
    }

    @Override
    public Optional<Provenance> explain(EntityId entity) {
        TagInfo info = last;
        return info == null || !info.entity().equals(entity)
                ? Optional.empty()
                : Optional.of(new Provenance.Builder()
                        .info(info, name -> switch (name) {
                            case "host" -> "tagger.hostname, or the name of the system";
                            case "os_version" -> "VERSION_ID in /etc/os-release";
                            default -> "the kernel, as Java reports it";
                        })
                        .build());
    }

    @Override
    public Duration pullInterval() {
        return INTERVAL;
    }

    private static String family(String name) {
        return name.toLowerCase(Locale.ROOT).replace(' ', '_');
    }

    private static String release() {
        for (Path file : RELEASE_FILES) {
            try {
                return release(Files.readAllLines(file));
            } catch (IOException | SecurityException e) {
                // The file may be missing; the next candidate follows.
            }
        }
        return "";
    }

    /** The value of VERSION_ID, without the quotes allowed by os-release(5). */
    static String release(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("VERSION_ID="))
                .map(line -> line.substring("VERSION_ID=".length()).strip().replaceAll("^[\"']|[\"']$", ""))
                .findFirst()
                .orElse("");
    }
}
