package io.tagger.agent;

import io.tagger.ipc.server.IpcServer;
import io.tagger.ipc.server.Operator;
import io.tagger.runtime.LocalTagger;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agent's part of the server: metrics, settings, reload and log level. Thread-safe. */
final class AgentControls implements Operator {
    private static final Logger LOG = LoggerFactory.getLogger(AgentControls.class);

    private final LocalTagger tagger;
    private final Metrics metrics;
    private final Reload reload;
    private final AgentLog log;

    AgentControls(LocalTagger tagger, Metrics metrics, Reload reload, AgentLog log) {
        this.tagger = tagger;
        this.metrics = metrics;
        this.reload = reload;
        this.log = log;
    }

    @Override
    public String metrics(IpcServer.Statistics statistics, boolean isOpenMetrics) {
        return metrics.text(tagger, statistics, isOpenMetrics);
    }

    @Override
    public void looked(long nanos, boolean isHit) {
        metrics.looked(nanos, isHit);
    }

    @Override
    public Map<String, Map.Entry<String, String>> settings() {
        Map<String, Map.Entry<String, String>> settings = new LinkedHashMap<>();
        reload.settings().forEach((key, setting) -> settings.put(key, Map.entry(setting.value(), setting.origin())));
        return settings;
    }

    @Override
    public CompletionStage<Map<String, Object>> reload() {
        return reload.run("tagger reload");
    }

    @Override
    public List<String> recentLog() {
        return log.recent();
    }

    @Override
    public Map<String, Object> log(String level, Duration time) {
        Instant until = log.level(level, time);
        LOG.info("the level of the log is {}{}", level, until == null ? "" : " until " + until);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("level", level);
        if (until != null) {
            answer.put("until", until.toString());
        }
        return answer;
    }
}
