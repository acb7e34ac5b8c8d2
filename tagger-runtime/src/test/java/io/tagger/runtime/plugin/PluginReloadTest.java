package io.tagger.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorState;
import io.tagger.api.EntityId;
import io.tagger.config.ConfigLayers;
import io.tagger.config.TaggerConfig;
import io.tagger.runtime.LocalTagger;
import io.tagger.runtime.TaggerSetup;
import io.tagger.runtime.collect.Reloaded;
import io.tagger.testkit.PluginJar;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugin folders that are added, replaced and removed while a tagger runs. */
class PluginReloadTest {
    private static final EntityId THING = EntityId.of("thing", "1");

    @TempDir
    Path plugins;

    private TaggerSetup setup = new TaggerSetup();
    private LocalTagger tagger;

    private static PluginJar jar(String version) {
        return PluginJar.of("com.acme.Plugin", """
                package com.acme;

                import io.tagger.api.*;
                import io.tagger.api.collector.*;
                import java.util.*;

                public final class Plugin implements FetchOnly {
                    private String suffix = "";
                    public String name() { return "acme"; }
                    public CollectorPriority priority() { return CollectorPriority.NODE_RUNTIME; }
                    public Set<String> entityPrefixes() { return Set.of("thing"); }
                    public void detect(CollectorContext context) { suffix = "" + context.settings().get("suffix"); }
                    public List<TagInfo> fetch(EntityId entity) {
                        return List.of(TagInfo.builder(name(), entity).low("version", "%s" + suffix).build());
                    }
                }
                """.formatted(version))
                .resource("reference.conf", "tagger.collectors.acme.suffix = \"-of-" + version + "\"");
    }

    private void start() {
        setup.plugins(plugins);
        tagger = LocalTagger.builder(setup).configure(ConfigLayers.empty()).build();
        awaitRunning();
    }

    private void awaitRunning() {
        await().until(() -> tagger.status().collectors().stream()
                .allMatch(collector -> collector.state() == CollectorState.RUNNING));
    }

    private Reloaded reload() {
        TaggerSetup next = new TaggerSetup().reusing(setup).plugins(plugins);
        TaggerConfig config = next.configure(ConfigLayers.empty());
        Reloaded reloaded = tagger.reload(next, config).join();
        setup = next;
        return reloaded;
    }

    private String version() {
        return String.join(",", tagger.tag(THING, Cardinality.LOW));
    }

    private void write(String version) throws IOException {
        Path whole = jar(version).write(plugins.resolve(".new.jar"));
        Files.createDirectories(plugins.resolve("acme"));
        Files.move(whole, plugins.resolve("acme/acme.jar"), StandardCopyOption.REPLACE_EXISTING);
    }

    @AfterEach
    void close() {
        tagger.close();
    }

    @Test
    void folder_isAdded_keptAndReplaced() throws Exception {
        start();
        write("1");
        assertThat(reload().added()).containsExactly("acme");
        assertThat(version()).isEqualTo("version:1-of-1");

        assertThat(reload().kept()).as("the same files").containsExactly("acme");

        write("2");
        assertThat(reload().restarted()).containsExactly("acme");
        await().untilAsserted(() -> assertThat(version()).isEqualTo("version:2-of-2"));
    }

    @Test
    void removedFolder_isUnloaded() throws Exception {
        write("1");
        start();
        assertThat(version()).isEqualTo("version:1-of-1");
        WeakReference<ClassLoader> loader =
                new WeakReference<>(setup.found().get(0).loader());

        Files.delete(plugins.resolve("acme/acme.jar"));
        Files.delete(plugins.resolve("acme"));
        assertThat(reload().removed()).containsExactly("acme");

        assertThat(version()).isEmpty();
        assertThat(setup.issues()).isEqualTo(List.of());
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            System.gc();
            return loader.get() == null;
        });
    }

    @Test
    void replacedFolder_isUnloaded() throws Exception {
        write("1");
        start();
        WeakReference<ClassLoader> loader =
                new WeakReference<>(setup.found().get(0).loader());

        write("2");
        reload();

        await().atMost(Duration.ofSeconds(60)).until(() -> {
            System.gc();
            return loader.get() == null;
        });
        assertThat(version()).isEqualTo("version:2-of-2");
    }
}
