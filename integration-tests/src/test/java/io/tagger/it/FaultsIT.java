package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.testkit.PluginJar;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plugins with the worst faults, each in a separate folder of the built distribution: the agent keeps serving the tags
 * of the healthy collectors, names the culprit, and stops in time.
 */
class FaultsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    /** Starts with an exhausted heap before the healthy collectors are asked again. */
    private static final int STARTS = Integer.getInteger("tagger.faults.starts", 2);

    /** The faults, as members of a Streamer's class. {@code stream} is the method called after detection. */
    private static final Map<String, String> FAULTS = new LinkedHashMap<>();

    /** The final report of {@code bin/tagger collectors}. */
    private static final Map<String, String> REPORTS = new LinkedHashMap<>();

    private static void fault(String name, String members, String report) {
        FAULTS.put(name, members);
        REPORTS.put(name, report);
    }

    static {
        fault(
                "load-hangs",
                "static { hang(); }",
                "error: com.acme.Plugin in .*/load-hangs/plugin.jar: .* took over 5 s");
        fault(
                "detect-hangs",
                "public void detect(CollectorContext context) { hang(); }",
                "detect-hangs +stream +(waiting|detecting) .*(detect took over 5000 ms|last error)");
        fault(
                "exits",
                "public void stream(TagSink sink) { System.exit(3); }",
                "exits +stream .*com.acme.Plugin called System.exit\\(3\\), and a plugin must not end the process");
        fault(
                "halts-later",
                "public void stream(TagSink sink) { new Thread(() -> Runtime.getRuntime().halt(3), \"later\").start();"
                        + " synced(sink); hang(); }",
                "halts-later +stream +running .*its thread later has ended: .*Runtime.halt\\(3\\)");
        fault(
                "throws-errors",
                "public void detect(CollectorContext context) { throw new StackOverflowError(\"deep\"); }"
                        + " public void close() { throw new AssertionError(\"shut\"); }",
                "throws-errors +stream .*StackOverflowError: deep");
        fault(
                "lacks-a-class",
                "public void detect(CollectorContext context) { throw new NoClassDefFoundError(\"org/lib/Gone\"); }",
                "lacks-a-class +stream +failed .*NoClassDefFoundError: org/lib/Gone at com.acme.Plugin.detect.*; no further attempt follows");
        fault(
                "leaks-threads",
                "public void stream(TagSink sink) { for (int i = 0; i < 150; i++) { Thread t = new Thread(() -> hang());"
                        + " t.setDaemon(true); t.start(); } synced(sink); hang(); }",
                "leaks-threads +stream +(failed|waiting) .*1\\d\\d threads of the collector are alive, more than the 100 of"
                        + " tagger.collect.max-threads");
        fault(
                "loops",
                "public void stream(TagSink sink) { synced(sink); while (true) Thread.onSpinWait(); }",
                "loops +stream +running");
        fault(
                "million-infos",
                "public void stream(TagSink sink) throws Exception { for (int i = 0; i < 1_000_000; i++) {"
                        + " sink.send(List.of(TagInfo.builder(name(), EntityId.of(\"million\", \"\" + i)).low(\"i\", \"\" + i)"
                        + ".build())); } sink.synced(); hang(); }",
                "million-infos +stream +\\w+ +100000 .*are over the limit of 100000 \\(tagger.collect.max-entities\\)");
        fault(
                "endless-tag",
                "public void stream(TagSink sink) throws Exception { sink.send(List.of(TagInfo.builder(name(),"
                        + " EntityId.of(\"endless\", \"1\")).low(\"short\", \"tag\").low(\"long\", \"x\".repeat(10_000_000))"
                        + ".build())); sink.synced(); hang(); }",
                "endless-tag +stream +running +1 .*1 of 2 tags of endless://1 were left out, the longest first");
        fault(
                "closes-the-tagger",
                "public void stream(TagSink sink) { DefaultTagger.close(); }",
                "closes-the-tagger +stream .*the agent's tagger belongs to the agent, and a plugin must not close it");
        fault(
                "interrupts-all",
                "public void stream(TagSink sink) { Thread.getAllStackTraces().keySet().stream()"
                        + ".filter(thread -> thread != Thread.currentThread()).forEach(Thread::interrupt);"
                        + " synced(sink); hang(); }",
                "interrupts-all +stream +running");
        fault(
                "secures",
                "@SuppressWarnings(\"removal\") public void stream(TagSink sink) {"
                        + " System.setSecurityManager(new SecurityManager()); synced(sink); hang(); }",
                "secures +stream .*UnsupportedOperationException");
        fault(
                "changes-its-priority",
                "static int asked; public CollectorPriority priority() {"
                        + " return asked++ == 0 ? CollectorPriority.NODE_RUNTIME : null; }"
                        + " public void stream(TagSink sink) { synced(sink); hang(); }",
                "changes-its-priority +stream +running");
        fault(
                "relays-a-crowd",
                "public void stream(TagSink sink) { for (int i = 0; i < 765_509; i++)"
                        + " sink.relay(\"s\" + i, CollectorPriority.NODE_RUNTIME); }",
                "relays-a-crowd +stream .*relays 1000 sources already");
        fault(
                "floods-its-executor",
                "CollectorContext context; public void detect(CollectorContext lent) { context = lent; }"
                        + " public void stream(TagSink sink) { for (int i = 0; i < 100_000; i++)"
                        + " context.executor().execute(() -> hang()); }",
                "floods-its-executor +stream .*too many tasks of floods-its-executor wait for a thread");
        fault(
                "deletes-others",
                "public void stream(TagSink sink) throws Exception { sink.send(List.of("
                        + "TagInfo.deletion(name(), EntityId.host(\"test-host\")))); synced(sink); hang(); }",
                "deletes-others +stream +running .*the deletion of host://test-host was left out");
        fault(
                "close-hangs",
                "public void stream(TagSink sink) { synced(sink); hang(); } public void close() { hang(); }",
                "close-hangs +stream +running");
    }

    @TempDir
    Path directory;

    private PluginRig rig;

    @BeforeEach
    void prepare() throws IOException {
        rig = new PluginRig(directory);
        write(
                "good",
                "FetchOnly",
                "public Set<String> entityPrefixes() { return Set.of(\"thing\"); }"
                        + " public List<TagInfo> fetch(EntityId e) { return List.of(TagInfo.builder(name(), e)"
                        + ".low(\"from\", \"good\").build()); }");
    }

    private void write(String name, String mode, String members) throws IOException {
        String source = """
                package com.acme;

                import io.tagger.api.*;
                import io.tagger.api.collector.*;
                import java.util.*;

                public class Plugin extends Harmless implements %s {
                    public String name() { return "%s"; }
                    %s
                }
                """.formatted(mode, name, members);
        String harmless = """
                package com.acme;

                import io.tagger.api.*;
                import io.tagger.api.collector.*;
                import java.util.*;

                abstract class Harmless {
                    public CollectorPriority priority() { return CollectorPriority.NODE_RUNTIME; }
                    public Set<String> entityPrefixes() { return Set.of(); }
                    public void detect(CollectorContext context) throws Exception {}
                    public void stream(TagSink sink) throws Exception {}
                    public void check(Map<String, Object> settings) {}
                    public void close() throws Exception {}

                    static void synced(TagSink sink) {
                        try { sink.synced(); } catch (InterruptedException e) { throw new IllegalStateException(e); }
                    }

                    /** Takes no notice of interrupts. */
                    static void hang() {
                        while (true) {
                            try { Thread.sleep(60_000); } catch (InterruptedException e) { }
                        }
                    }
                }
                """;
        String fetch = mode.equals("FetchOnly") || members.contains("fetch(")
                ? ""
                : "\npublic List<TagInfo> fetch(EntityId entity) { return List.of(); }";
        PluginJar.of("com.acme.Plugin", source.replace("public String name()", fetch + "\npublic String name()"))
                .with("com.acme.Harmless", harmless)
                .write(rig.plugins.resolve(name + "/plugin.jar"));
    }

    private void assertThatTheOthersAreServed(int question) throws Exception {
        assertThat(rig.curl().tags("host://test-host")).contains("host:test-host");
        assertThat(rig.curl().tags("thing://" + question)).containsExactly("from:good");
    }

    private void assertThatItStopsInTime(Distribution.Running agent) throws Exception {
        agent.process.destroy(); // SIGTERM
        assertThat(agent.process.waitFor(6, TimeUnit.SECONDS))
                .as("it stops within 5 s")
                .isTrue();
        assertThat(agent.process.exitValue()).isZero();
    }

    @Test
    void eachFault_isReportedByTheNameOfItsPlugin_andTheOthersAreServed() throws Exception {
        for (Map.Entry<String, String> fault : FAULTS.entrySet()) {
            write(fault.getKey(), "Streamer", fault.getValue());
        }
        try (Distribution.Running agent = rig.start()) {
            assertThatTheOthersAreServed(1);
            for (Map.Entry<String, String> report : REPORTS.entrySet()) {
                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertThat(rig.curl().collectors()).containsPattern("(?m)^" + report.getValue()));
            }
            assertThat(rig.ask("collectors").out()).contains("load-hangs/plugin.jar", "endless-tag", "close-hangs");
            assertThat(rig.curl().tags("endless://1")).containsExactly("short:tag");
            assertThat(rig.curl().tags("million://99999")).containsExactly("i:99999");
            assertThatTheOthersAreServed(2);
            assertThat(agent.process.isAlive()).isTrue();

            assertThatItStopsInTime(agent);
            assertThat(agent.log()).contains("collector close-hangs did not close in time and is left behind");
        }
    }

    @Test
    void heapThatIsExhausted_isTheAffairOfWhoExhaustsIt() throws Exception {
        write(
                "heap",
                "Streamer",
                "public void stream(TagSink sink) { List<byte[]> all = new ArrayList<>();"
                        + " while (true) all.add(new byte[1 << 20]); }");
        try (Distribution.Running agent = rig.start()) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(rig.curl().collectors())
                    .containsPattern("(?m)^heap +stream .*OutOfMemoryError"));
            assertThatTheOthersAreServed(1);
            await().atMost(PATIENCE).until(() -> collector("heap").getInteger("starts") >= STARTS);
            assertThatTheOthersAreServed(2);
            assertThatItStopsInTime(agent);
        }
    }

    @Test
    void heapThatStaysFull_endsTheProcessWithACode_andALine() throws Exception {
        write(
                "keeps",
                "Streamer",
                "static final List<Object> ALL = new ArrayList<>();"
                        + " public void stream(TagSink sink) { synced(sink); int size = 1 << 20;"
                        + " while (true) { try { while (true) ALL.add(new byte[size]); }"
                        + " catch (OutOfMemoryError e) { size = Math.max(16, size / 2); } } }");
        Path log = directory.resolve("full.log");
        Process process = rig.launch(log);

        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(70);
        assertThat(Files.readString(log))
                .containsPattern(
                        "(out of memory|the agent does not answer questions on its own socket): the agent ends,"
                                + " to be started again");
    }

    @Test
    void exitByReflection_isNoSuccess() throws Exception {
        write(
                "exits-in-secret",
                "Streamer",
                "public void stream(TagSink sink) throws Exception {"
                        + " System.class.getMethod(\"exit\", int.class).invoke(null, 0); }");
        Path log = directory.resolve("secret.log");
        Process process = rig.launch(log);

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(70);
        assertThat(Files.readString(log)).contains("a part of this process has called System.exit");
    }

    private JsonObject collector(String name) throws Exception {
        return rig.curl().json("/v1/collectors").getJsonArray("collectors").stream()
                .map(JsonObject.class::cast)
                .filter(collector -> collector.getString("name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void fetchThatNeverComesBack_holdsNobodyPastTheDeadline() throws Exception {
        write(
                "fetch-loops",
                "FetchOnly",
                "public Set<String> entityPrefixes() { return Set.of(\"thing\"); }"
                        + " public List<TagInfo> fetch(EntityId e) { while (true) Thread.onSpinWait(); }");
        try (Distribution.Running agent = rig.start("-c", config("tagger.lookup.fetch-threads = 1"))) {
            assertThatTheOthersAreServed(1); // a lookup without an end has no answer within curl's 60 s
            assertThat(rig.curl().get("/v1/tags?entity=thing://1")).contains("\"complete\":false");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(rig.curl().collectors())
                    .containsPattern("(?m)^fetch-loops +fetch .*fetch of thing://1 took over 2000 ms|"
                            + "fetch-loops +fetch .*all 1 fetches that may run in parallel hang"));
            assertThatItStopsInTime(agent);
        }
    }

    private String config(String text) throws IOException {
        return Files.writeString(directory.resolve("tagger.conf"), text).toString();
    }
}
