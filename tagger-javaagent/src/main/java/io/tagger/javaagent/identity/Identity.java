package io.tagger.javaagent.identity;

import io.tagger.api.Cardinality;
import io.tagger.client.AgentConnection;
import io.tagger.client.AgentException;
import io.tagger.client.FirstQuestion;
import io.tagger.client.OriginAnswer;
import io.tagger.client.ResourceAnswer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Asks the agent of the machine who this JVM is, and puts the answer where programs look: system properties, and an event of the
 * flight recorder. Takes the options of the Java agent. Without an agent there is no tag and no delay.
 */
public final class Identity implements Consumer<String> {
    /** For the Java agent. */
    public Identity() {}

    /** The answers of the agent: entity and tags, and the attributes. */
    private record Answer(OriginAnswer origin, ResourceAnswer resource) {
        String entity() {
            return origin.self().entity();
        }

        List<String> tags() {
            return origin.self().tags();
        }
    }

    /** Both questions at the same time. A named class: the JDK's first lambda costs more than this answer. */
    private static final class WhoAmI implements FirstQuestion.Question<Answer> {
        @Override
        public CompletableFuture<Answer> ask(AgentConnection agent, Duration wait, Duration deadline) {
            return agent.self(Cardinality.HIGH, wait, deadline)
                    .thenCombine(agent.resource(Optional.empty(), wait, deadline), Answer::new);
        }
    }

    @Override
    public void accept(String text) {
        long begin = System.nanoTime();
        Options options = Options.parse(text);
        if (options.agent().isPresent()) { // for the default tagger too
            System.getProperties()
                    .putIfAbsent("tagger.client.agent", options.agent().get());
        }
        String outcome;
        try {
            Answer answer = FirstQuestion.ask(options.agent(), options.patience(), new WhoAmI());
            OwnProperties properties = new OwnProperties(System.getProperties(), System.getenv());
            properties.tags(answer.tags());
            properties.attributes(answer.resource.attributes());
            record(answer.entity(), answer.tags(), answer.origin.complete(), options.problem());
            outcome = "this JVM is " + answer.entity() + ", tags: " + answer.tags()
                    + (answer.origin.complete() ? "" : ", others may come");
        } catch (AgentException | IllegalStateException e) {
            record("", List.of(), false, e.getMessage());
            outcome = "no tags for this JVM: " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            outcome = "no tags for this JVM: its main thread was interrupted";
        }
        if (options.isLogged()) {
            System.err.println("tagger: " + outcome + "; after " + (System.nanoTime() - begin) / 1_000_000 + " ms"
                    + (options.problem().isEmpty() ? "" : "\ntagger: " + options.problem()));
        }
    }

    private static void record(String entity, List<String> tags, boolean complete, String problem) {
        if (ModuleLayer.boot().findModule("jdk.jfr").isPresent()) { // a small runtime may have none
            new IdentityRecording(entity, tags, complete, problem).begin();
        }
    }
}
