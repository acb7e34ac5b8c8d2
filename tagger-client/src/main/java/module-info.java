import org.jspecify.annotations.NullMarked;

/**
 * A tagger that asks an agent over its socket, and answers from a replica of the agent's tags. The module depends on {@code
 * io.tagger.api} and the JDK alone; {@code typesafe.config} is read with where the application has it.
 */
@NullMarked
@SuppressWarnings("requires-automatic")
module io.tagger.client {
    requires transitive io.tagger.api;
    requires static org.jspecify;
    requires static typesafe.config;

    exports io.tagger.client;

    provides io.tagger.api.TaggerProvider with
            io.tagger.client.ClientTaggerProvider;
    provides io.tagger.api.collector.Collector with
            io.tagger.client.RemoteCollector;
}
