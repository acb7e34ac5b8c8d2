package io.tagger.it;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.tagger.config.ConfigBounds;
import io.tagger.store.ListenerPool;
import io.tagger.store.OutOfMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The dependencies between the parts, from docs/architecture.md. An unlisted dependency is refused. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.tagger");

    private static final List<String> PARTS = List.of(
            "io.tagger.api..",
            "io.tagger.store..",
            "io.tagger.config..",
            "io.tagger.origin..",
            "io.tagger.naming..",
            "io.tagger.runtime..",
            "io.tagger.testkit..",
            "io.tagger.collectors.common..",
            "io.tagger.collectors.grpc..",
            "io.tagger.collectors.docker..",
            "io.tagger.collectors.containerd..",
            "io.tagger.collectors.kubernetes..",
            "io.tagger.collectors.ecs..",
            "io.tagger.ipc.v1..",
            "io.tagger.ipc.server..",
            "io.tagger.datadog..",
            "io.tagger.client..",
            "io.tagger.cli..",
            "io.tagger.opentelemetry..",
            "io.tagger.javaagent..",
            "io.tagger.micrometer..",
            "io.tagger.spring..",
            "io.tagger.logging..",
            "io.tagger.agent..");

    /** A part, and its permitted dependencies. */
    private static Stream<List<String>> arrows() {
        return Stream.of(
                List.of("io.tagger.api.."),
                List.of("io.tagger.store..", "io.tagger.api.."),
                List.of("io.tagger.config..", "io.tagger.api.."),
                List.of("io.tagger.origin..", "io.tagger.api.."),
                List.of("io.tagger.naming..", "io.tagger.api.."),
                List.of(
                        "io.tagger.runtime..",
                        "io.tagger.api..",
                        "io.tagger.store..",
                        "io.tagger.config..",
                        "io.tagger.origin.."),
                List.of("io.tagger.testkit..", "io.tagger.api.."),
                List.of("io.tagger.collectors.common..", "io.tagger.api.."),
                List.of("io.tagger.collectors.docker..", "io.tagger.api..", "io.tagger.collectors.common.."),
                List.of("io.tagger.collectors.grpc.."),
                List.of(
                        "io.tagger.collectors.containerd..",
                        "io.tagger.api..",
                        "io.tagger.collectors.common..",
                        "io.tagger.collectors.grpc.."),
                List.of(
                        "io.tagger.collectors.kubernetes..",
                        "io.tagger.api..",
                        "io.tagger.collectors.common..",
                        "io.tagger.collectors.grpc.."),
                List.of("io.tagger.collectors.ecs..", "io.tagger.api..", "io.tagger.collectors.common.."),
                List.of("io.tagger.ipc.v1.."),
                List.of(
                        "io.tagger.ipc.server..",
                        "io.tagger.api..",
                        "io.tagger.origin..",
                        "io.tagger.naming..",
                        "io.tagger.ipc.v1.."),
                List.of("io.tagger.datadog..", "io.tagger.api..", "io.tagger.origin.."),
                List.of("io.tagger.client..", "io.tagger.api.."),
                List.of("io.tagger.cli..", "io.tagger.api..", "io.tagger.client.."),
                List.of("io.tagger.opentelemetry..", "io.tagger.client..", "io.tagger.api.."),
                List.of("io.tagger.javaagent..", "io.tagger.client..", "io.tagger.api.."),
                List.of("io.tagger.micrometer..", "io.tagger.api.."),
                List.of("io.tagger.spring..", "io.tagger.api..", "io.tagger.client..", "io.tagger.micrometer.."),
                List.of("io.tagger.logging..", "io.tagger.api.."),
                List.of(
                        "io.tagger.agent..",
                        "io.tagger.api..",
                        "io.tagger.config..",
                        "io.tagger.origin..",
                        "io.tagger.naming..",
                        "io.tagger.runtime..",
                        "io.tagger.testkit..",
                        "io.tagger.ipc.server..",
                        "io.tagger.datadog..",
                        "io.tagger.client..",
                        "io.tagger.cli.."));
    }

    @ParameterizedTest
    @MethodSource("arrows")
    void part_seesNothingButWhatItMay(List<String> arrow) {
        String[] refused = PARTS.stream().filter(part -> !arrow.contains(part)).toArray(String[]::new);
        check(noClasses()
                .that()
                .resideInAPackage(arrow.get(0))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(refused));
    }

    @Test
    void everyClass_belongsToAPart() {
        check(classes().should().resideInAnyPackage(PARTS.toArray(String[]::new)));
        for (String part : PARTS) {
            boolean there =
                    CLASSES.stream().anyMatch(type -> type.getPackageName().startsWith(part.replace("..", "")));
            assertThat(there).as(part + " was imported").isTrue();
        }
    }

    @Test
    void api_dependsOnTheJdkAlone() {
        check(classes()
                .that()
                .resideInAPackage("io.tagger.api..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "io.tagger.api.."));
    }

    @Test
    void store_startsNoThreads_exceptForListeners() {
        check(noClasses()
                .that()
                .resideInAPackage("io.tagger.store..")
                .and()
                .doNotBelongToAnyOf(ListenerPool.class, OutOfMemory.class)
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName(Thread.class.getName()));
    }

    @Test
    void insideTheRuntime_pluginKnowsNeitherStoreNorSupervision() {
        check(noClasses()
                .that()
                .resideInAPackage("io.tagger.runtime.plugin..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.tagger.store..", "io.tagger.runtime.collect..", "io.tagger.config.."));
    }

    @Test
    void insideTheRuntime_builtInCollectorsSeeTheApiAlone() {
        check(noClasses()
                .that()
                .resideInAPackage("io.tagger.runtime.builtin..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                                "io.tagger.store..",
                                "io.tagger.runtime.collect..",
                                "io.tagger.runtime.plugin..",
                                "io.tagger.config..")
                        .and(not(equivalentTo(ConfigBounds.class)))));
    }

    @Test
    void packages_haveNoCycles() {
        check(slices().matching("io.tagger.(**)").should().beFreeOfCycles());
    }

    @Test
    void classes_haveAtMost400Lines() throws IOException {
        try (Stream<Path> files = Sources.ofTheModules()) {
            assertThat(files.filter(file -> file.toString().endsWith(".java")))
                    .hasSizeGreaterThan(150)
                    .allSatisfy(file -> assertThat(Files.readAllLines(file))
                            .as(file.toString())
                            .hasSizeLessThanOrEqualTo(400));
        }
    }

    @Test
    void constructors_haveAtMostSixParameters() {
        for (JavaClass type : CLASSES) {
            boolean isGenerated = type.getPackageName().startsWith("io.tagger.ipc.v1")
                    || type.getPackageName().startsWith("io.tagger.collectors.grpc.");
            if (isGenerated || type.isAnonymousClass()) {
                continue;
            }
            int implied = type.isEnum() ? 2 : type.isInnerClass() ? 1 : 0; // added by the compiler
            for (JavaConstructor constructor : type.getConstructors()) {
                assertThat(constructor.getRawParameterTypes().size() - implied)
                        .as(constructor.getFullName())
                        .isLessThanOrEqualTo(6);
            }
        }
    }

    @Test
    void clock_isLentAndNotTaken() {
        for (String part :
                List.of("io.tagger.store..", "io.tagger.config..", "io.tagger.runtime..", "io.tagger.collectors..")) {
            check(noClasses()
                    .that()
                    .resideInAPackage(part)
                    .should()
                    .callMethod(Instant.class, "now")
                    .orShould()
                    .callMethod(Thread.class, "sleep", long.class)
                    .orShould()
                    .callMethod(TimeUnit.class, "sleep", long.class)
                    .orShould()
                    .callMethod(System.class, "currentTimeMillis"));
        }
    }

    @Test
    void names_areTheFieldsOwn() {
        for (String suffix : Arrays.asList("Util", "Utils", "Helper", "Manager", "Impl")) {
            check(noClasses().should().haveSimpleNameEndingWith(suffix));
        }
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(false).check(CLASSES);
    }
}
