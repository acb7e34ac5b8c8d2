package io.tagger.opentelemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.tagger.client.AgentAddress;
import io.tagger.client.AgentConnection;
import io.tagger.client.AgentException;
import io.tagger.client.Endpoint;
import io.tagger.client.ProcessSettings;
import io.tagger.client.ResourceAnswer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Asks the agent for the attributes of this process. An agent that is missing, hangs or fails means no attributes. */
final class OwnAttributes {
    /** The property with the longest wait for complete attributes. */
    static final String WAIT = "tagger.otel.wait";

    /** The property with the agent's address; without it, the address is found as by every client. */
    private static final String AGENT = "tagger.client.agent";

    private static final Duration DEFAULT_WAIT = Duration.ofMillis(300);
    private static final Logger LOG = Logger.getLogger(OwnAttributes.class.getName());

    /**
     * The answer of the agent.
     *
     * @param attributes the attributes
     * @param isComplete whether the attributes are final until the next change outside
     */
    record Found(Attributes attributes, boolean isComplete) {
        /** For a machine without an agent. */
        static final Found NONE = new Found(Attributes.empty(), false);
    }

    private OwnAttributes() {}

    static Found read(ConfigProperties config) {
        return read(config.getString(AGENT), config.getDuration(WAIT, DEFAULT_WAIT));
    }

    /**
     * Asks once. Never throws an exception: a program must start without an agent.
     *
     * @param named the agent's address; null to find the agent
     * @param wait the longest wait; null for the default
     */
    static Found read(@Nullable String named, @Nullable Duration wait) {
        Duration limit = wait == null ? DEFAULT_WAIT : wait;
        try {
            Endpoint endpoint = AgentAddress.find(
                    Optional.ofNullable(named),
                    AgentAddress.TcpFiles.OF_SETTINGS,
                    ProcessSettings.ofProcess(Optional.empty()));
            if (endpoint instanceof Endpoint.Unix socket && !Files.exists(socket.path())) {
                LOG.log(Level.FINE, "no tagger agent: there is no socket {0}", socket.path());
                return Found.NONE; // without the cost of a connection
            }
            return ask(endpoint, limit);
        } catch (AgentException | IllegalArgumentException e) {
            LOG.log(Level.FINE, "no attributes from the tagger agent", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Found.NONE;
    }

    private static Found ask(Endpoint endpoint, Duration limit) throws InterruptedException {
        // The agent answers a fifth sooner, with what is known then, so that the answer arrives within the limit.
        Duration wait = limit.minus(limit.dividedBy(5));
        try (AgentConnection agent = AgentConnection.to(endpoint)) {
            ResourceAnswer answer =
                    agent.resource(Optional.empty(), wait, limit).get();
            return new Found(attributes(answer), answer.complete());
        } catch (ExecutionException e) {
            LOG.log(Level.FINE, "no attributes from the tagger agent", e.getCause());
            return Found.NONE;
        }
    }

    private static Attributes attributes(ResourceAnswer answer) {
        AttributesBuilder attributes = Attributes.builder();
        answer.attributes().forEach((name, value) -> {
            if (value instanceof List<?> all) {
                attributes.put(name, all.stream().map(Object::toString).toArray(String[]::new));
            } else {
                attributes.put(name, value.toString());
            }
        });
        return attributes.build();
    }
}
