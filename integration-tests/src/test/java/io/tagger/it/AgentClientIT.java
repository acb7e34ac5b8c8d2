package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.Tagger;
import io.tagger.client.AgentConnection;
import io.tagger.client.ClientSettings;
import io.tagger.client.ClientTagger;
import io.tagger.client.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients of the built agent. */
class AgentClientIT {
    private static final int RESTARTS = Integer.getInteger("tagger.agent.kills", 4); // .ci/shows agent-kills: 10
    private static final int ENTITIES = 200;
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    /**
     * In each run the agent has entities with tags that name the run. Four clients ask all the time: an answer names a
     * past or present run, and never a run before the run in the same client's last answer for the entity. (Without the
     * agent, the last run.)
     */
    @Test
    void agentThatIsKilledAgainAndAgain_underFourClients_givesNoWrongAnswer_andEveryReplicaFollows() throws Exception {
        Path socket = directory.resolve("tagger.sock");
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        int[] run = new int[1];
        List<ClientTagger> clients = new ArrayList<>();
        List<Thread> askers = new ArrayList<>();
        try {
            for (run[0] = 1; run[0] <= RESTARTS; run[0]++) {
                try (Distribution.Running agent = new Distribution(Distribution.BUILT)
                        .start(
                                directory.resolve("log"),
                                "-c",
                                config(run[0]).toString(),
                                "--socket",
                                socket.toString())) {
                    assertThat(agent.process.isAlive()).isTrue();
                    while (clients.size() < 4) {
                        ClientTagger client = ClientTagger.connect(ClientSettings.of(new Endpoint.Unix(socket)));
                        clients.add(client);
                        askers.add(asking(client, run, wrong));
                    }
                    Map<String, List<String>> stored = stored(socket);
                    assertThat(stored).hasSizeGreaterThan(ENTITIES / 2);
                    for (ClientTagger client : clients) {
                        await().atMost(SOON)
                                .untilAsserted(() -> assertThat(replica(client)).isEqualTo(stored));
                    }
                } // killed
            }
            assertThat(clients)
                    .allSatisfy(client -> assertThat(client.connects()).isEqualTo(RESTARTS));
            assertThat(replica(clients.get(0))).as("without the agent").hasSizeGreaterThan(ENTITIES / 2);
        } finally {
            askers.forEach(Thread::interrupt);
            for (Thread asker : askers) {
                asker.join(TimeUnit.SECONDS.toMillis(10));
            }
            clients.forEach(ClientTagger::close);
        }
        assertThat(wrong).isEmpty();
    }

    private static Thread asking(Tagger client, int[] run, ConcurrentLinkedQueue<String> wrong) {
        Thread thread = new Thread(
                () -> {
                    int[] last = new int[ENTITIES];
                    for (int i = 0; !Thread.currentThread().isInterrupted(); i = (i + 1) % ENTITIES) {
                        List<String> tags = client.tag("job://" + i, Cardinality.HIGH);
                        if (tags.isEmpty()) {
                            continue; // the entity is not in every run, and before the first run there is none
                        }
                        int named = Integer.parseInt(tags.get(0).substring("run:".length()));
                        if (tags.size() != 1 || named < last[i] || named > run[0]) {
                            wrong.add("job://" + i + " " + tags + " in run " + run[0] + ", before it " + last[i]);
                        }
                        last[i] = named;
                        LockSupport.parkNanos(200_000); // questions all the time, and a processor for the agent
                    }
                },
                "asker");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** A different part of the entities in each run, with different tags. */
    private Path config(int run) throws Exception {
        String entities = IntStream.range(0, ENTITIES)
                .filter(i -> i % 4 != run % 4)
                .mapToObj(i -> "\"job://" + i + "\" { low = [\"run:" + run + "\"] }")
                .collect(Collectors.joining("\n"));
        return Files.writeString(
                directory.resolve("tagger.conf"),
                "tagger.collectors { docker.enabled = false, kubernetes.enabled = false, ecs.enabled = false\nstatic.entities {\n"
                        + entities + "\n} }");
    }

    private static Map<String, List<String>> replica(Tagger client) {
        Map<String, List<String>> replica = new TreeMap<>();
        client.entities(EntityFilter.all())
                .forEach(tags -> replica.put(tags.entity().toString(), tags.tags(Cardinality.HIGH)));
        return replica;
    }

    private static Map<String, List<String>> stored(Path socket) throws Exception {
        Map<String, List<String>> stored = new TreeMap<>();
        try (AgentConnection connection = AgentConnection.to(new Endpoint.Unix(socket))) {
            connection
                    .list(
                            List.of(),
                            entity -> stored.put(
                                    EntityId.parse(entity.entity()).toString(),
                                    entity.tags().all()))
                    .get(SOON.toSeconds(), TimeUnit.SECONDS);
        }
        return stored;
    }
}
