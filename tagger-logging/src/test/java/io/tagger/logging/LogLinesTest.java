package io.tagger.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import io.tagger.api.DefaultTagger;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.testkit.FakeTagger;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.Layout;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.apache.logging.log4j.core.config.xml.XmlConfiguration;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lines of both libraries, configured as in docs/logs.md, with tags that come later. */
class LogLinesTest {
    private static final EntityId CONTAINER = EntityId.container("c1");

    private final FakeTagger tagger = new FakeTagger();

    @BeforeEach
    void share() {
        assertThat(DefaultTagger.init(tagger)).isSameAs(tagger);
        tagger.setSelf(CONTAINER);
    }

    @AfterEach
    void close() {
        DefaultTagger.close();
    }

    private void team(String team) {
        tagger.set(TagInfo.builder("test", CONTAINER)
                .low("team", team)
                .low("teams", "not this one")
                .orchestrator("pod_name", "web-1")
                .build());
    }

    /** The configurations of the guide. */
    private static List<String> blocks() throws IOException {
        return Pattern.compile("```xml\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("../docs/logs.md")))
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    private static ByteArrayInputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void logback_hasTheTagsOfTheMoment() throws Exception {
        LoggerContext context = new LoggerContext();
        JoranConfigurator joran = new JoranConfigurator();
        joran.setContext(context);
        joran.doConfigure(bytes(blocks().get(0)));
        ILoggingEvent event =
                new LoggingEvent("x", context.getLogger("x"), ch.qos.logback.classic.Level.INFO, "hello", null, null);

        assertThat(line(context, event)).endsWith(" INFO  team=none pod= hello");
        team("core");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(line(context, event)).endsWith(" team=core pod=web-1 hello"));
        team("shop");
        assertThat(line(context, event)).endsWith(" team=shop pod=web-1 hello");
        context.stop();
    }

    private static String line(LoggerContext context, ILoggingEvent event) {
        OutputStreamAppender<ILoggingEvent> appender =
                (OutputStreamAppender<ILoggingEvent>) context.getLogger("ROOT").getAppender("OUT");
        LayoutWrappingEncoder<ILoggingEvent> encoder = (LayoutWrappingEncoder<ILoggingEvent>) appender.getEncoder();
        return encoder.getLayout().doLayout(event).strip();
    }

    @Test
    void logbackProperty_isReadWithTheConfiguration() throws Exception {
        team("core");
        LoggerContext context = new LoggerContext();
        JoranConfigurator joran = new JoranConfigurator();
        joran.setContext(context);
        joran.doConfigure(bytes(blocks().get(1)));
        ILoggingEvent event =
                new LoggingEvent("x", context.getLogger("x"), ch.qos.logback.classic.Level.INFO, "hello", null, null);

        assertThat(line(context, event)).isEqualTo("team=core hello");
        context.stop();
    }

    @Test
    void logbackProperty_isThere_ifTheTagIs() {
        team("core");
        TaggerProperty property = new TaggerProperty();
        property.setTag("team");
        property.setWaitMillis(10_000);

        assertThat(property.getPropertyValue()).isEqualTo("core");
        assertThat(new TaggerProperty().getPropertyValue()).isEmpty();
    }

    @Test
    void log4j_hasTheTagsOfTheMoment() throws Exception {
        try (org.apache.logging.log4j.core.LoggerContext context =
                new org.apache.logging.log4j.core.LoggerContext("test")) {
            context.start(new XmlConfiguration(context, new ConfigurationSource(bytes(blocks().get(2)))));
            Layout<?> layout = context.getConfiguration().getAppender("OUT").getLayout();
            LogEvent event = Log4jLogEvent.newBuilder()
                    .setLevel(Level.INFO)
                    .setMessage(new SimpleMessage("hello"))
                    .build();

            assertThat(layout.toSerializable(event).toString().strip()).endsWith(" INFO  team=none pod= hello");
            team("core");
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                            layout.toSerializable(event).toString().strip())
                    .endsWith(" team=core pod=web-1 hello"));
            team("shop");
            assertThat(layout.toSerializable(event).toString().strip()).endsWith(" team=shop pod=web-1 hello");
        }
    }

    /** The properties of the Java agent, before the configuration is read. */
    @Test
    void systemProperties_areInTheLinesOfBoth() throws Exception {
        System.setProperty("tagger.tag.team", "core");
        try (org.apache.logging.log4j.core.LoggerContext log4j =
                new org.apache.logging.log4j.core.LoggerContext("test")) {
            LoggerContext logback = new LoggerContext();
            JoranConfigurator joran = new JoranConfigurator();
            joran.setContext(logback);
            joran.doConfigure(bytes(blocks().get(3)));
            log4j.start(new XmlConfiguration(log4j, new ConfigurationSource(bytes(blocks().get(4)))));

            assertThat(line(
                            logback,
                            new LoggingEvent(
                                    "x",
                                    logback.getLogger("x"),
                                    ch.qos.logback.classic.Level.INFO,
                                    "hello",
                                    null,
                                    null)))
                    .isEqualTo("team=core pod= hello");
            assertThat(log4j.getConfiguration()
                            .getAppender("OUT")
                            .getLayout()
                            .toSerializable(Log4jLogEvent.newBuilder()
                                    .setLevel(Level.INFO)
                                    .setMessage(new SimpleMessage("hello"))
                                    .build())
                            .toString()
                            .strip())
                    .isEqualTo("team=core pod= hello");
            logback.stop();
        } finally {
            System.clearProperty("tagger.tag.team");
        }
    }

    @Test
    void nobodyKnown_isAskedForAgain_afterAPause() {
        FakeTagger late = new FakeTagger();
        AtomicLong clock = new AtomicLong();
        OwnTags tags = new OwnTags(() -> late, clock::get);
        assertThat(tags.value("team", Duration.ofSeconds(30))).isNull();
        late.setSelf(CONTAINER);
        late.set(TagInfo.builder("test", CONTAINER).low("team", "core").build());

        assertThat(tags.value("team", Duration.ofSeconds(30)))
                .as("within the pause")
                .isNull();
        clock.set(Duration.ofSeconds(11).toNanos());
        assertThat(tags.value("team")).as("a line does not wait").isNull();
        assertThat(tags.value("team", Duration.ofSeconds(30))).isEqualTo("core");
    }

    @Test
    void processWithoutATagger_hasLinesWithoutTags() {
        DefaultTagger.close();

        assertThat(OwnTags.ofProcess().value("team", Duration.ofSeconds(30))).isNull();
    }

    /** Log4j makes an object of each lookup, whether or not a pattern names it. */
    @Test
    void lookupThatNobodyUses_opensNoTagger() {
        DefaultTagger.close();

        assertThat(new TaggerLookup()).isNotNull();
        assertThat(DefaultTagger.init(tagger)).isSameAs(tagger);
    }
}
