package io.tagger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DefaultTaggerTest {
    private final AtomicInteger closed = new AtomicInteger();

    @AfterEach
    void forget() {
        DefaultTagger.close();
    }

    @Test
    void tag_beforeInit_saysWhatToCall() {
        assertThatIllegalStateException()
                .isThrownBy(() -> DefaultTagger.tag("host://h", Cardinality.LOW))
                .withMessageContaining("DefaultTagger.init()");
        assertThatIllegalStateException().isThrownBy(DefaultTagger::get);
    }

    @Test
    void init_withoutProvider_saysWhichJarIsMissing() {
        assertThatIllegalStateException()
                .isThrownBy(DefaultTagger::init)
                .withMessageContaining("tagger-runtime")
                .withMessageContaining("tagger-client");
    }

    /** A provider with a missing library. */
    public static final class Lacking implements TaggerProvider {
        /** For the ServiceLoader. */
        public Lacking() {}

        @Override
        public String mode() {
            return "local";
        }

        @Override
        public Tagger open() {
            throw new NoClassDefFoundError("io/netty/Missing");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io.tagger.api.DefaultTaggerTest$Lacking", "io.tagger.NoSuchProvider"})
    void init_partThatCantBeLoaded_isAnException_andNoError(String provider, @TempDir Path folder) throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(TaggerProvider.class.getName()), provider + "\n");
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            Thread.currentThread().setContextClassLoader(loader);

            assertThatIllegalStateException()
                    .isThrownBy(DefaultTagger::init)
                    .withMessageContaining("the tagger can't be opened")
                    .withMessageContaining(provider.contains("Lacking") ? "io/netty/Missing" : provider);
            assertThatIllegalStateException().isThrownBy(DefaultTagger::get);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    /** A provider as the Java agent brings one. JavaAgentIT has the jar itself. */
    public static final class OfJavaAgent implements TaggerProvider {
        /** For the ServiceLoader. */
        public OfJavaAgent() {}

        @Override
        public String mode() {
            return "client";
        }

        @Override
        public Tagger open() {
            return new DefaultTaggerTest().answering("agent:1");
        }
    }

    @Test
    void get_withAJavaAgent_opensItsClient_andNotAgainAfterTheClose(@TempDir Path folder) throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(TaggerProvider.class.getName()), OfJavaAgent.class.getName() + "\n");
        System.setProperty("tagger.javaagent.client", folder.toUri().toString());
        try {
            assertThat(DefaultTagger.init().tag("host://h", Cardinality.LOW)).containsExactly("agent:1");
            DefaultTagger.close();
            assertThatIllegalStateException().isThrownBy(DefaultTagger::get);
            System.setProperty("tagger.javaagent.client", "no address");
            assertThatIllegalStateException()
                    .isThrownBy(DefaultTagger::init)
                    .withMessageContaining("tagger.javaagent.client is 'no address'");
        } finally {
            System.clearProperty("tagger.javaagent.client");
        }
    }

    @Test
    void init_twice_keepsTheFirst() {
        Tagger first = answering("a:1");
        Tagger second = answering("b:1");

        assertThat(DefaultTagger.init(first)).isSameAs(first);
        assertThat(DefaultTagger.init(second)).isSameAs(first);
        assertThat(DefaultTagger.init()).isSameAs(first);
        assertThat(DefaultTagger.tag(EntityId.host("h"), Cardinality.LOW)).containsExactly("a:1");
        assertThat(DefaultTagger.tag("host://h", Cardinality.LOW)).containsExactly("a:1");
    }

    @Test
    void close_forgetsAndClosesOnce() {
        DefaultTagger.init(answering("a:1"));
        DefaultTagger.close();
        DefaultTagger.close();

        assertThat(closed).hasValue(1);
        assertThatIllegalStateException().isThrownBy(DefaultTagger::get);
    }

    /** A tagger with one answer to every question; the testkit's fake depends on this module. */
    private Tagger answering(String tag) {
        return (Tagger) Proxy.newProxyInstance(
                Tagger.class.getClassLoader(), new Class<?>[] {Tagger.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        closed.incrementAndGet();
                        return null;
                    }
                    return method.getName().equals("tag") ? List.of(tag) : null;
                });
    }
}
