package io.tagger.agent;

import io.tagger.config.InvalidConfigurationException;
import io.tagger.config.TaggerConfig;
import io.tagger.runtime.LocalTagger;
import io.tagger.runtime.TaggerSetup;
import io.tagger.runtime.collect.Reloaded;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
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
    private final AgentLog log;
    private final Function<TaggerSetup, Loaded> loader;
    private volatile Loaded present; // written with the monitor held

    /**
     * Prepares.
     *
     * @param loader reads the configuration, with the plugins of the setup in use; throws an {@link
     *     InvalidConfigurationException} with the problems
     * @param present the configuration of the start
     */
    Reload(LocalTagger tagger, AgentLog log, Function<TaggerSetup, Loaded> loader, Loaded present) {
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
     * Reads, checks, and changes.
     *
     * @param why the occasion, for the log
     * @return completes with the effect; fails with an {@link InvalidConfigurationException}, or an {@link
     *     IllegalStateException} if a reload is under way
     */
    CompletableFuture<Map<String, Object>> run(String why) {
        try {
            return change(why);
        } catch (RuntimeException e) {
            problems(e).forEach(problem -> LOG.error("the configuration stays as before ({}): {}", why, problem));
            return CompletableFuture.failedFuture(e);
        }
    }

    private static List<String> problems(RuntimeException error) {
        return error instanceof InvalidConfigurationException invalid
                ? invalid.problems()
                : List.of(String.valueOf(error.getMessage()));
    }

    private synchronized CompletableFuture<Map<String, Object>> change(String why) {
        Loaded before = present;
        Loaded next = loader.apply(before.setup());
        CompletableFuture<Reloaded> reloaded = tagger.reload(next.setup(), next.config());
        log.configure(next.config());
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
