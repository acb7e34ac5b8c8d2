package io.tagger.agent;

import io.tagger.config.InvalidConfigurationException;
import io.tagger.config.TaggerConfig;
import io.tagger.runtime.LocalTagger;
import io.tagger.runtime.TaggerSetup;
import io.tagger.runtime.collect.Reloaded;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the configuration and the plugin folders again, and changes the running agent. A configuration with a problem
 * changes nothing. Thread-safe.
 */
final class Reload {
    private static final Logger LOG = LoggerFactory.getLogger(Reload.class);

    /** The settings that a running agent takes over; any further setting needs a restart. */
    private static final List<String> LIVE = List.of(
            "tagger.collectors.",
            "tagger.container.",
            "tagger.tags",
            "tagger.tag-names.",
            "tagger.tag-value-split-separator",
            "tagger.plugin-path",
            "tagger.collect.",
            "tagger.lookup.",
            "tagger.store.deletion-grace",
            "tagger.store.prune-interval",
            "tagger.log.");

    private static final List<String> FIXED = List.of("tagger.lookup.ask-for-subscribers");

    private final LocalTagger tagger;
    private final Consumer<TaggerConfig> log;
    private final Function<TaggerSetup, Loaded> loader;
    private final ThreadGroup group =
            Objects.requireNonNull(Thread.currentThread().getThreadGroup());
    private volatile Loaded present; // written by one change at a time

    // Guarded by this.
    private CompletableFuture<Map<String, Object>> last = CompletableFuture.completedFuture(Map.of());
    private @Nullable CompletableFuture<Map<String, Object>> waiting;

    /**
     * Prepares.
     *
     * @param log takes the settings of the log
     * @param loader reads the configuration, with the plugins of the setup in use; throws an {@link
     *     InvalidConfigurationException} with the problems
     * @param present the configuration of the start
     */
    Reload(LocalTagger tagger, Consumer<TaggerConfig> log, Function<TaggerSetup, Loaded> loader, Loaded present) {
        this.tagger = tagger;
        this.log = log;
        this.loader = loader;
        this.present = present;
    }

    /** The settings in use. Takes no lock: called on the event loop, also while a reload reads files. */
    Map<String, TaggerConfig.Setting> settings() {
        return present.config().settings();
    }

    /**
     * Reads, checks, and changes, on a thread of its own. One change runs at a time, and the next one waits: all callers
     * meanwhile share that one, because it reads the configuration after their call.
     *
     * @param why the occasion, for the log
     * @return completes with the effect; fails with an {@link InvalidConfigurationException}, or with the error of a
     *     plugin
     */
    synchronized CompletableFuture<Map<String, Object>> run(String why) {
        CompletableFuture<Map<String, Object>> shared = waiting;
        if (shared != null) {
            return shared;
        }
        CompletableFuture<Map<String, Object>> next = new CompletableFuture<>();
        waiting = next;
        last.whenComplete((effect, error) -> begin(why, next));
        last = next;
        return next;
    }

    /** Begins on a thread without the group and the class loader of the caller, perhaps a thread of a plugin. */
    private void begin(String why, CompletableFuture<Map<String, Object>> next) {
        try {
            Thread thread = new Thread(group, () -> change(why, next), "tagger-reload");
            thread.setDaemon(true);
            thread.setContextClassLoader(Reload.class.getClassLoader());
            thread.start();
        } catch (RuntimeException | Error e) { // the system has no further thread
            synchronized (this) {
                waiting = null;
            }
            next.completeExceptionally(e);
        }
    }

    private void change(String why, CompletableFuture<Map<String, Object>> over) {
        synchronized (this) {
            waiting = null; // a later call must read the configuration again
        }
        try {
            read(why).whenComplete((effect, error) -> {
                if (error == null) {
                    over.complete(effect);
                } else {
                    over.completeExceptionally(error);
                }
            });
        } catch (RuntimeException | Error e) { // of a plugin, too
            problems(e).forEach(problem -> LOG.error("the configuration stays as before ({}): {}", why, problem));
            over.completeExceptionally(e);
        }
    }

    private static List<String> problems(Throwable error) {
        return error instanceof InvalidConfigurationException invalid
                ? invalid.problems()
                : List.of(error instanceof Error ? error.toString() : String.valueOf(error.getMessage()));
    }

    private CompletableFuture<Map<String, Object>> read(String why) {
        Loaded before = present;
        Loaded next = loader.apply(before.setup());
        CompletableFuture<Reloaded> reloaded = tagger.reload(next.setup(), next.config());
        log.accept(next.config());
        present = next;
        List<String> needRestart =
                needRestart(before.config().settings(), next.config().settings());
        return reloaded.thenApply(effect -> {
            LOG.info(
                    "the configuration was read again ({}): restarted {}, added {}, removed {}{}",
                    why,
                    effect.restarted(),
                    effect.added(),
                    effect.removed(),
                    needRestart.isEmpty() ? "" : "; these need a restart of the agent: " + needRestart);
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("restarted", effect.restarted());
            answer.put("added", effect.added());
            answer.put("removed", effect.removed());
            answer.put("kept", effect.kept());
            answer.put("need_restart", needRestart);
            return answer;
        });
    }

    /** The changed settings that a running agent does not take over. */
    private static List<String> needRestart(
            Map<String, TaggerConfig.Setting> before, Map<String, TaggerConfig.Setting> now) {
        Map<String, String> values = new TreeMap<>();
        now.forEach((key, setting) -> values.put(key, setting.value()));
        return Stream.concat(before.keySet().stream(), now.keySet().stream())
                .distinct()
                .filter(key -> FIXED.contains(key) || LIVE.stream().noneMatch(key::startsWith))
                .filter(key ->
                        !(before.containsKey(key) && before.get(key).value().equals(values.get(key))))
                .sorted()
                .toList();
    }
}
