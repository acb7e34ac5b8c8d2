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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

    /** The longest wait of an agent. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** For the way of the answer. */
    private static final Duration SPARE = Duration.ofMillis(100);

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
        } catch (AgentException e) {
            LOG.log(Level.FINE, "no attributes from the tagger agent", e);
        } catch (
                RuntimeException
                        e) { // an invalid address, for instance: the program must start, and the user must know
            LOG.log(Level.WARNING, "no attributes from the tagger agent: {0}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Found.NONE;
    }

    private static Found ask(Endpoint endpoint, Duration limit) throws InterruptedException {
        Duration wait = limit.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : limit;
        Duration deadline = wait.plus(SPARE);
        try (AgentConnection agent = AgentConnection.to(endpoint)) {
            ResourceAnswer answer = agent.resource(Optional.empty(), wait, deadline)
                    .get(deadline.plus(SPARE).toMillis(), TimeUnit.MILLISECONDS);
            return new Found(attributes(answer), answer.complete());
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.FINE, "no attributes from the tagger agent", e);
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
