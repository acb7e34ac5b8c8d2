package io.tagger.client;

import io.tagger.api.EntityId;
import io.tagger.client.AgentConnection.Request;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The questions and changes of an operator, over an {@link AgentConnection}: explanations, settings, reload and log level.
 * All futures fail with an {@link AgentException}. Thread-safe.
 */
public final class AgentOperator {
    private final AgentConnection agent;

    AgentOperator(AgentConnection agent) {
        this.agent = agent;
    }

    /**
     * Why an entity has its tags, and why a tag is missing. On a miss the agent asks its collectors.
     *
     * @param entity the entity
     * @param name the tag in question; empty for none
     * @param deadline how long to wait for the agent
     * @return the agent's JSON object: {@code findings}, {@code tags}, {@code lost} and {@code sources}; docs/protocol.md
     *     has the members
     */
    public CompletableFuture<Map<String, Object>> explain(EntityId entity, String name, Duration deadline) {
        String path = "/v1/explain?entity=" + AgentConnection.encoded(entity.toString())
                + (name.isEmpty() ? "" : "&name=" + AgentConnection.encoded(name));
        return agent.ask(new Request("GET", path, ""), JsonValues::read, true, deadline);
    }

    /**
     * The settings of the agent, with their origins.
     *
     * @param deadline how long to wait for the agent
     * @return the agent's JSON object {@code settings}
     */
    public CompletableFuture<Map<String, Object>> settings(Duration deadline) {
        return agent.ask(new Request("GET", "/v1/settings", ""), JsonValues::read, false, deadline);
    }

    /**
     * Makes the agent read its configuration again; for root and the agent's user, over the socket.
     *
     * @param deadline how long to wait for the agent
     * @return the agent's JSON object: the collectors {@code restarted}, {@code added}, {@code removed} and {@code kept},
     *     and the settings that {@code need_restart}; an {@link AgentException} with a line for each problem if the
     *     configuration stays as before
     */
    public CompletableFuture<Map<String, Object>> reload(Duration deadline) {
        return post("/v1/reload", deadline);
    }

    /**
     * Changes the level of the agent's log; for root and the agent's user, over the socket.
     *
     * @param level the level
     * @param time how long the level holds; zero for ever
     * @param deadline how long to wait for the agent
     * @return the agent's JSON object: the {@code level}, and {@code until} when the level holds
     */
    public CompletableFuture<Map<String, Object>> log(String level, Duration time, Duration deadline) {
        String path = "/v1/log?level=" + AgentConnection.encoded(level)
                + (time.isZero() ? "" : "&for=" + time.toSeconds() + "s");
        return post(path, deadline);
    }

    /**
     * The last lines of the agent's log; for root and the agent's user, over the socket.
     *
     * @param deadline how long to wait for the agent
     * @return the agent's JSON object {@code lines}
     */
    public CompletableFuture<Map<String, Object>> recentLog(Duration deadline) {
        return agent.ask(new Request("GET", "/v1/log", ""), JsonValues::read, false, deadline);
    }

    private CompletableFuture<Map<String, Object>> post(String path, Duration deadline) {
        return agent.ask(new Request("POST", path, "Content-Length: 0\r\n"), JsonValues::read, false, deadline);
    }
}
