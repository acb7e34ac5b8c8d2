package io.tagger.opentelemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.tagger.client.AgentException;
import io.tagger.client.FirstQuestion;
import io.tagger.client.ResourceAnswer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Asks the agent for the attributes of this process. An agent that is missing, hangs or fails means no attributes. */
final class OwnAttributes {
    /** The property with the longest wait for complete attributes. */
    static final String WAIT = "tagger.otel.wait";

    /** The property with the agent's address; without it, the address is found as by every client. */
    private static final String AGENT = "tagger.client.agent";

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
        return read(config.getString(AGENT), config.getDuration(WAIT, FirstQuestion.DEFAULT_WAIT));
    }

    /**
     * Asks once. Never throws an exception: a program must start without an agent.
     *
     * @param named the agent's address; null to find the agent
     * @param wait the longest wait; null for the default
     */
    static Found read(@Nullable String named, @Nullable Duration wait) {
        try {
            ResourceAnswer answer = FirstQuestion.ask(
                    Optional.ofNullable(named),
                    wait == null ? FirstQuestion.DEFAULT_WAIT : wait,
                    (agent, limit, deadline) -> agent.resource(Optional.empty(), limit, deadline));
            return new Found(attributes(answer), answer.complete());
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
