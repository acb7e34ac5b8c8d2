package io.tagger.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tagger.api.Cardinality;
import io.tagger.api.DefaultTagger;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.Tagger;
import io.tagger.client.ClientTagger;
import io.tagger.testkit.FakeTagger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.actuate.health.Status;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The starter in contexts of Spring Boot 3.5. SpringBootIT has whole applications of 3.5 and 4. */
class TaggerAutoConfigurationTest {
    private static final EntityId CONTAINER = EntityId.container("c1");

    @TempDir
    Path directory;

    private final FakeTagger tagger = new FakeTagger();
    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    TaggerAutoConfiguration.class,
                    TaggerMetersAutoConfiguration.class,
                    TaggerActuatorAutoConfiguration.class,
                    TaggerHealthBoot3AutoConfiguration.class))
            .withPropertyValues("management.endpoints.web.exposure.include=*");

    @BeforeEach
    void container() {
        tagger.setSelf(CONTAINER);
        tagger.set(TagInfo.builder("test", CONTAINER)
                .standard("env", "prod")
                .low("team", "core")
                .low("pod_phase", "running")
                .orchestrator("pod_name", "web-1")
                .tags(Cardinality.HIGH, List.of("container_id:c1"))
                .build());
    }

    @AfterEach
    void close() {
        DefaultTagger.close();
    }

    private static SimpleMeterRegistry registry(MeterFilter filter) {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        registry.config().meterFilter(filter);
        registry.counter("requests");
        return registry;
    }

    @Test
    void meters_haveTheLowTags_orThoseThatAreNamed() {
        DefaultTagger.init(tagger);
        application.run(context -> {
            assertThat(context.getBean(Tagger.class)).isSameAs(tagger);
            SimpleMeterRegistry registry = registry(context.getBean(MeterFilter.class));
            assertThat(registry.get("requests")
                            .tags("env", "prod", "team", "core")
                            .counter()
                            .getId()
                            .getTags())
                    .hasSize(2);
        });
        application
                .withPropertyValues("tagger.micrometer.tags=pod_name,team", "tagger.micrometer.wait=1ms")
                .run(context -> assertThat(registry(context.getBean(MeterFilter.class))
                                .get("requests")
                                .tags("pod_name", "web-1", "team", "core")
                                .counter()
                                .getId()
                                .getTags())
                        .hasSize(2));
        application.withPropertyValues("tagger.micrometer.enabled=false").run(context -> assertThat(context)
                .doesNotHaveBean(MeterFilter.class));
    }

    @Test
    void infoAndTags_tellTheEntityAndItsTags() {
        DefaultTagger.init(tagger);
        Map<String, Object> expected = Map.of(
                "entity",
                "container_id://c1",
                "complete",
                true,
                "tags",
                Map.of(
                        "low", List.of("env:prod", "pod_phase:running", "team:core"),
                        "orchestrator", List.of("pod_name:web-1"),
                        "high", List.of("container_id:c1")));
        application.run(context -> {
            assertThat(context.getBean(TagsEndpoint.class).tags()).isEqualTo(expected);
            Info.Builder info = new Info.Builder();
            context.getBean(InfoContributor.class).contribute(info);
            assertThat(info.build().getDetails()).isEqualTo(Map.of("tagger", expected));
        });
        DefaultTagger.close();
        DefaultTagger.init(new FakeTagger());
        application.run(context ->
                assertThat(context.getBean(TagsEndpoint.class).tags()).isEqualTo(Map.of("entity", "unknown")));
    }

    @Test
    void health_isUpWithATagger_andUnknownWithoutAnAgent() {
        DefaultTagger.init(tagger);
        application.run(context -> {
            assertThat(context.getBean(HealthIndicator.class).health().getStatus())
                    .isEqualTo(Status.UP);
            assertThat(context.getBean(HealthIndicator.class).health().getDetails())
                    .containsEntry("entities", 1L);
        });
        DefaultTagger.close();
        application
                .withPropertyValues("tagger.client.agent=" + directory.resolve("none.sock"))
                .run(context -> {
                    assertThat(context.getBean(Tagger.class)).isInstanceOf(ClientTagger.class);
                    assertThat(context.getBean(HealthIndicator.class).health().getStatus())
                            .isEqualTo(Status.UNKNOWN);
                    assertThat(context.getBean(HealthIndicator.class)
                                    .health()
                                    .getDetails()
                                    .get("issues")
                                    .toString())
                            .contains("none.sock");
                });
    }

    @Test
    void taggerOfTheApplication_wins_andTheSharedTaggerOutlivesTheContext() {
        application.withBean("own", Tagger.class, () -> tagger).run(context -> assertThat(context.getBean(Tagger.class))
                .isSameAs(tagger));
        DefaultTagger.init(tagger);
        application
                .withPropertyValues("tagger.client.agent=" + directory.resolve("none.sock"))
                .run(context -> assertThat(context.getBean(Tagger.class)).isSameAs(tagger));
        assertThat(DefaultTagger.get()).isSameAs(tagger);
    }

    @Test
    void severalTaggers_areTheApplicationsAffair_andItStarts() {
        application
                .withBean("one", Tagger.class, FakeTagger::new)
                .withBean("other", Tagger.class, FakeTagger::new)
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(MeterFilter.class)
                        .doesNotHaveBean(TagsEndpoint.class));
    }

    @Test
    void withoutMicrometerAndActuator_theTaggerIsThere() {
        DefaultTagger.init(tagger);
        application
                .withClassLoader(new FilteredClassLoader("io.micrometer", "org.springframework.boot.actuate"))
                .run(context -> assertThat(context).hasSingleBean(Tagger.class).doesNotHaveBean(TagsEndpoint.class));
    }

    @Test
    void addressThatIsNone_endsTheStart_andNamesTheSetting() {
        application
                .withPropertyValues("tagger.client.agent=localhost:7070")
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("localhost:7070"));
    }
}
