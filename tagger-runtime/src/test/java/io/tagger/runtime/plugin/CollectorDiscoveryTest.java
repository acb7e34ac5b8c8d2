package io.tagger.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.CollectorMode;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.Issue;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.FetchOnly;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollectorDiscoveryTest {
    @TempDir
    Path directory;

    @Test
    void classPath_findsTheBuiltInCollectors_inTheirOrder() {
        CollectorDiscovery discovery =
                new CollectorDiscovery().classPath(getClass().getClassLoader());

        assertThat(discovery.plugins()).extracting(CollectorPlugin::name).containsExactly("host", "process", "static");
        assertThat(discovery.plugins())
                .extracting(CollectorPlugin::mode)
                .containsExactly(CollectorMode.PULL, CollectorMode.PULL, CollectorMode.STREAM);
        assertThat(discovery.issues()).isEmpty();
    }

    @Test
    void classPath_badEntries_areIssues_andTheRestIsFound() throws Exception {
        CollectorDiscovery discovery = discover(
                "com.acme.DoesNotExist",
                CollectorDiscoveryTest.class.getName(),
                ThrowsInConstructor.class.getName(),
                NoPublicConstructor.class.getName(),
                NullName.class.getName(),
                Good.class.getName());

        assertThat(discovery.plugins())
                .extracting(CollectorPlugin::name)
                .containsExactly("good", "host", "process", "static");
        assertThat(discovery.issues()).hasSize(5).allSatisfy(issue -> assertThat(issue.severity())
                .isEqualTo(Issue.Severity.ERROR));
        assertThat(discovery.issues())
                .extracting(Issue::toString)
                .anyMatch(text -> text.contains("com.acme.DoesNotExist"))
                .anyMatch(text -> text.contains("CollectorDiscoveryTest not a subtype"))
                .anyMatch(text -> text.contains("ThrowsInConstructor") && text.contains("a bug in the constructor"))
                .anyMatch(text -> text.contains("NoPublicConstructor"))
                .anyMatch(text -> text.contains("NullName") && text.contains("'null'"));
    }

    @Test
    void classPath_malformedServiceFile_isAnIssue() throws Exception {
        CollectorDiscovery discovery = discover("this is no class name");

        assertThat(discovery.issues()).isNotEmpty();
        assertThat(discovery.issues().get(0).message()).contains("META-INF/services");
        assertThat(discovery.plugins()).extracting(CollectorPlugin::name).contains("host", "process", "static");
    }

    @Test
    void classPath_serviceFileThatNamesNothing_isAWarning() throws Exception {
        assertThat(discover("# later", "").issues()).singleElement().satisfies(issue -> {
            assertThat(issue.severity()).isEqualTo(Issue.Severity.WARNING);
            assertThat(issue.toString()).contains(directory.toString(), "registers no collector");
        });
    }

    @Test
    void classPath_classOfALaterJava_isAnIssue_andTheRestIsFound() throws Exception {
        Path classes = Files.createDirectories(directory.resolve("com/acme"));
        // The head of a class file: magic, minor 0, major 999.
        Files.write(
                classes.resolve("Later.class"),
                new byte[] {(byte) 0xca, (byte) 0xfe, (byte) 0xba, (byte) 0xbe, 0, 0, 3, (byte) 0xe7, 0, 1});
        CollectorDiscovery discovery = discover("com.acme.Later", Good.class.getName());

        assertThat(discovery.plugins())
                .extracting(CollectorPlugin::name)
                .containsExactly("good", "host", "process", "static");
        assertThat(discovery.issues()).singleElement().satisfies(issue -> assertThat(issue.message())
                .contains("Later"));
    }

    @Test
    void plugin_whoseNameThrowsAnError_isAnIssue() {
        CollectorDiscovery discovery = new CollectorDiscovery().collector(() -> {
            throw new AssertionError("a bug");
        });

        assertThat(discovery.issues()).singleElement().satisfies(issue -> assertThat(issue.message())
                .contains("a bug"));
    }

    @Test
    void interrupt_isKeptForLater_andNoPluginIsRefusedForIt() {
        Thread.currentThread().interrupt();
        CollectorDiscovery discovery = new CollectorDiscovery().collector(Good::new);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(discovery.plugins()).hasSize(1);
    }

    @Test
    void duplicateName_isRefusedWithBothNamed_andTheFirstIsKept() {
        CollectorDiscovery discovery =
                new CollectorDiscovery().collector(Good::new).collector(AlsoGood::new);

        assertThat(discovery.plugins()).singleElement().satisfies(plugin -> assertThat(plugin.className())
                .isEqualTo(Good.class.getName()));
        assertThat(discovery.issues()).singleElement().satisfies(issue -> assertThat(issue.message())
                .contains("'good'")
                .contains(Good.class.getName())
                .contains(AlsoGood.class.getName())
                .contains("test-classes"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Docker", "9docker", "do cker", "-x", "döcker"})
    void invalidName_isRefused(String name) {
        CollectorDiscovery discovery = new CollectorDiscovery().collector(() -> new Named(name));

        assertThat(discovery.plugins()).isEmpty();
        assertThat(discovery.issues()).singleElement().satisfies(issue -> assertThat(issue.message())
                .contains("'" + name + "'"));
    }

    @Test
    void twoModes_areRefused() {
        CollectorDiscovery discovery =
                new CollectorDiscovery().collector(TwoModes::new).collector(() -> null);

        assertThat(discovery.issues())
                .extracting(Issue::message)
                .anyMatch(text -> text.contains("Streamer, Puller, both of them, or FetchOnly alone"))
                .anyMatch(text -> text.contains("null"));
    }

    private CollectorDiscovery discover(String... classes) throws Exception {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.write(services.resolve(Collector.class.getName()), List.of(classes));
        URL[] urls = {directory.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(urls, getClass().getClassLoader())) {
            return new CollectorDiscovery().classPath(loader);
        }
    }

    /** A collector of a name. */
    public static class Named implements FetchOnly {
        private final String name;

        Named(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public CollectorPriority priority() {
            return CollectorPriority.NODE_RUNTIME;
        }

        @Override
        public Set<String> entityPrefixes() {
            return Set.of("thing");
        }

        @Override
        public void detect(CollectorContext context) {}

        @Override
        public List<TagInfo> fetch(EntityId entity) {
            return List.of();
        }
    }

    public static final class Good extends Named {
        public Good() {
            super("good");
        }
    }

    public static final class AlsoGood extends Named {
        public AlsoGood() {
            super("good");
        }
    }

    public static final class NullName extends Named {
        public NullName() {
            super(null);
        }
    }

    public static final class ThrowsInConstructor extends Named {
        public ThrowsInConstructor() {
            super("throws");
            throw new IllegalStateException("a bug in the constructor");
        }
    }

    public static final class NoPublicConstructor extends Named {
        NoPublicConstructor(int unused) {
            super("none" + unused);
        }
    }

    static final class TwoModes extends Named implements Streamer {
        TwoModes() {
            super("two");
        }

        @Override
        public void stream(TagSink sink) {}
    }
}
