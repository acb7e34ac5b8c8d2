package io.tagger.runtime.builtin;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import io.tagger.config.ConfigBounds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tags from the configuration and from a file, which is read again after a change.
 *
 * <p>{@code tagger.tags} go on this host and on {@link EntityId#GLOBAL}. {@code entities}, in the configuration and in
 * the file, map an entity to its tags per level; the tags of both add up. A file with an error changes no tags: the
 * last good tags stay served, the status shows the error and its place, and the next look reads the file again. The
 * file includes nothing, has no access to the environment, and has at most 2 MiB, and two million characters with its
 * own substitutions in place.
 *
 * <p>Every look reads and compares the file, a few kilobytes a second. This notices every kind of replacement, such as
 * the swapped symbolic links of a Kubernetes ConfigMap, which file notifications partly miss.
 */
public final class StaticCollector implements Streamer {
    private static final String NAME = "static";
    private static final Map<String, Cardinality> LEVELS =
            Map.of("low", Cardinality.LOW, "orchestrator", Cardinality.ORCHESTRATOR, "high", Cardinality.HIGH);
    /** A file of tags is written by hand or by a script; a larger file is the wrong file. */
    private static final long MAX_BYTES = 2 << 20;

    private Duration interval = Duration.ofSeconds(1);
    private String file = "";
    private List<String> hostTags = List.of();
    private ConfigObject configured = ConfigFactory.empty().root();
    private String hostName = "";
    private String lastText = "";
    private volatile String lastError = ""; // written by the streaming thread alone
    private boolean isSynced;
    private final CountDownLatch closed = new CountDownLatch(1);
    private Logger log = LoggerFactory.getLogger(StaticCollector.class);
    private @Nullable CollectorContext context;
    private volatile Map<EntityId, TagInfo> sent = Map.of(); // written by the streaming thread alone

    /** For the ServiceLoader. */
    public StaticCollector() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CollectorPriority priority() {
        return CollectorPriority.NODE_RUNTIME;
    }

    @Override
    public Set<String> entityPrefixes() {
        return Set.of(EntityId.HOST, EntityId.INTERNAL);
    }

    @Override
    public void check(Map<String, Object> settings) {
        List<String> problems = settings(ConfigValueFactory.fromMap(settings).toConfig());
        if (!file.isEmpty() && !Files.exists(Path.of(file))) {
            problems.add("tagger.collectors.static.file is '" + file + "', and there is no such file");
        }
        throwIfAny(problems);
    }

    @Override
    public void detect(CollectorContext lent) throws CollectorUnavailableException {
        context = lent;
        log = LoggerFactory.getLogger(lent.loggerName());
        throwIfAny(settings(ConfigValueFactory.fromMap(lent.settings()).toConfig()));
        hostName = lent.hostName();
        if (file.isEmpty() && hostTags.isEmpty() && configured.isEmpty()) {
            throw CollectorUnavailableException.absent(
                    "there are no tags in tagger.tags, tagger.collectors.static.entities and tagger.collectors.static.file");
        }
    }

    /** Takes the settings over, and returns their problems. */
    private List<String> settings(Config settings) {
        interval = settings.getDuration("poll-interval");
        file = settings.getString("file");
        hostTags = settings.getStringList("tags");
        configured = settings.getObject("entities");
        List<String> problems = new ArrayList<>();
        for (String tag : hostTags) {
            try {
                requireTag(tag);
            } catch (IllegalArgumentException e) {
                problems.add("tagger.tags: " + e.getMessage());
            }
        }
        if (interval.toMillis() < 1) {
            problems.add("tagger.collectors.static.poll-interval is " + settings.getString("poll-interval")
                    + ", and must be 1 ms or more");
        }
        read(configured, "tagger.collectors.static.entities", new LinkedHashMap<>(), problems);
        return problems;
    }

    private static void throwIfAny(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
    }

    @Override
    public void stream(TagSink sink) throws InterruptedException {
        while (true) {
            look(sink);
            if (closed.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }

    @Override
    public Optional<Provenance> explain(EntityId entity) {
        TagInfo info = sent.get(entity);
        if (info == null || info.isEmpty()) {
            return Optional.empty();
        }
        boolean isHost = entity.equals(EntityId.GLOBAL) || entity.equals(EntityId.host(hostName));
        Map<EntityId, TagInfo.Builder> inConfiguration = new LinkedHashMap<>();
        read(configured, "", inConfiguration, new ArrayList<>());
        TagInfo block = builder(inConfiguration, entity).build();
        Set<String> names = new HashSet<>();
        Stream.of(block.low(), block.orchestrator(), block.high())
                .flatMap(List::stream)
                .forEach(tag -> names.add(nameOf(tag)));
        Provenance.Builder origins = new Provenance.Builder()
                .info(
                        info,
                        name -> isHost
                                        && hostTags.stream()
                                                .anyMatch(tag -> nameOf(tag).equals(name))
                                ? "tagger.tags"
                                : names.contains(name) ? "tagger.collectors.static.entities" : file);
        if (!lastError.isEmpty()) {
            origins.note(lastError);
        }
        return Optional.of(origins.build());
    }

    private static String nameOf(String tag) {
        return tag.substring(0, tag.indexOf(':'));
    }

    /** Sends what another collector has deleted. */
    private void sendLost(TagSink sink, CollectorContext host) throws InterruptedException {
        List<TagInfo> lost = sent.values().stream()
                .filter(info -> !info.isEmpty() && !host.holds(info.entity()))
                .toList();
        if (!lost.isEmpty()) {
            sink.send(lost);
        }
    }

    /** Reads the file, and sends the changes. An error is logged once, and so is its end. */
    void look(TagSink sink) throws InterruptedException {
        CollectorContext host = Objects.requireNonNull(context, "look before detect");
        try {
            String text = file.isEmpty() ? "" : text();
            if (isSynced && text.equals(lastText) && lastError.isEmpty()) {
                sendLost(sink, host);
                return;
            }
            Map<EntityId, TagInfo> now = entities(text);
            Map<EntityId, TagInfo> all = new LinkedHashMap<>(now);
            for (EntityId gone : sent.keySet()) {
                // Withdrawn instead of deleted: another source may report the entity, and the entity may still exist.
                all.putIfAbsent(gone, TagInfo.builder(NAME, gone).build());
            }
            sink.replaceAll(all.values());
            sent = now;
            lastText = text;
            if (!lastError.isEmpty()) {
                log.info("{} is good again, and in use", file);
                lastError = "";
                host.progress("");
            }
            if (!isSynced) {
                isSynced = true;
                sink.synced();
            }
        } catch (CollectorUnavailableException e) {
            String error = String.valueOf(e.getMessage());
            if (!error.equals(lastError)) {
                log.warn("{}", error);
                lastError = error;
                host.progress(error);
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private String text() throws CollectorUnavailableException {
        Path path = Path.of(file);
        try {
            if (Files.size(path) > MAX_BYTES) {
                throw CollectorUnavailableException.retry(file + " is larger than " + MAX_BYTES + " bytes; " + kept());
            }
            return Files.readString(path, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw CollectorUnavailableException.retry(file + " does not exist; " + kept());
        } catch (IOException e) {
            throw CollectorUnavailableException.retry(file + " can't be read: " + e + "; " + kept());
        }
    }

    private Map<EntityId, TagInfo> entities(String text) throws CollectorUnavailableException {
        Map<EntityId, TagInfo.Builder> builders = new LinkedHashMap<>();
        if (!hostTags.isEmpty()) {
            builder(builders, EntityId.host(hostName)).tags(Cardinality.LOW, hostTags);
            builder(builders, EntityId.GLOBAL).tags(Cardinality.LOW, hostTags);
        }
        List<String> problems = new ArrayList<>();
        read(configured, "tagger.collectors.static.entities", builders, problems);
        try {
            Config parsed = ConfigBounds.checked(() -> ConfigFactory.parseString(text, options()));
            ConfigObject root = ConfigBounds.resolved(parsed, ConfigResolveOptions.noSystem())
                    .root();
            for (String key : root.keySet()) {
                if (!key.equals("entities")) {
                    throw CollectorUnavailableException.retry(
                            place(root.get(key).origin()) + ": unknown key '" + key
                                    + "', the file has one, 'entities { \"prefix://id\" { low = [\"name:value\"] } }'; "
                                    + kept());
                }
            }
            if (root.get("entities") instanceof ConfigObject entities) {
                read(entities, file, builders, problems);
            } else if (!file.isEmpty()) {
                // The file may be empty for a moment, between truncation and writing.
                throw CollectorUnavailableException.retry(file + ": the block 'entities { }' is missing; " + kept());
            }
        } catch (ConfigException e) {
            throw CollectorUnavailableException.retry(e.getMessage() + "; " + kept());
        }
        if (!problems.isEmpty()) {
            throw CollectorUnavailableException.retry(String.join("; ", problems) + "; " + kept());
        }
        Map<EntityId, TagInfo> infos = new HashMap<>();
        builders.forEach((entity, builder) -> infos.put(entity, builder.build()));
        return infos;
    }

    /** All users may read the tags, so that the file takes nothing from further files, URLs or the environment. */
    private ConfigParseOptions options() {
        return ConfigParseOptions.defaults().setOriginDescription(file).setIncluder(new NoInclusion());
    }

    private static void read(
            ConfigObject entities, String where, Map<EntityId, TagInfo.Builder> into, List<String> problems) {
        for (Map.Entry<String, ConfigValue> entry : entities.entrySet()) {
            ConfigValue value = entry.getValue();
            try {
                EntityId entity = EntityId.parse(entry.getKey());
                if (!(value instanceof ConfigObject levels)) {
                    throw new IllegalArgumentException("a block with low, orchestrator, high or standard is expected");
                }
                for (String level : levels.keySet()) {
                    add(builder(into, entity), level, levels.toConfig().getStringList(ConfigUtil.joinPath(level)));
                }
            } catch (IllegalArgumentException | ConfigException e) {
                String place = value.origin().lineNumber() > 0 ? place(value.origin()) : where;
                problems.add(place + ": " + entry.getKey() + ": " + e.getMessage());
            }
        }
    }

    private static void add(TagInfo.Builder builder, String level, List<String> tags) {
        tags.forEach(StaticCollector::requireTag);
        Cardinality cardinality = LEVELS.get(level);
        if (level.equals("standard")) {
            builder.standard(tags);
        } else if (cardinality != null) {
            builder.tags(cardinality, tags);
        } else {
            throw new IllegalArgumentException("'" + level + "' is no level: take low, orchestrator, high or standard");
        }
    }

    private static void requireTag(String tag) {
        int colon = tag.indexOf(':');
        if (colon < 1 || colon == tag.length() - 1) {
            throw new IllegalArgumentException("'" + tag + "' is no tag: name:value, with a non-empty name and value");
        }
    }

    private static TagInfo.Builder builder(Map<EntityId, TagInfo.Builder> builders, EntityId entity) {
        return builders.computeIfAbsent(entity, id -> TagInfo.builder(NAME, id));
    }

    private static String place(@Nullable ConfigOrigin origin) {
        return origin == null ? "" : origin.description();
    }

    private static String kept() {
        return "the last good tags stay served";
    }
}
