package com.example.processes;

import static io.tagger.testkit.TagAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tagger.api.EntityId;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.testkit.CollectorContractTest;
import io.tagger.testkit.TestHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcCollectorTest extends CollectorContractTest {
    private static final EntityId PROCESS = EntityId.process(42);

    @TempDir
    Path root;

    @BeforeEach
    void process() throws IOException {
        Files.writeString(Files.createDirectories(root.resolve("1")).resolve("stat"), "1 (init) S");
        Path process = Files.createDirectories(root.resolve("42"));
        Files.writeString(process.resolve("comm"), "sshd\n");
        Files.writeString(process.resolve("status"), "Name:\tsshd\nUid:\t33\t33\t33\t33\n");
        Files.writeString(process.resolve("cgroup"), "0::/system.slice/ssh.service\n");
    }

    @Override
    protected Collector collector() {
        return new ProcCollector();
    }

    @Override
    protected Map<String, Object> settings() {
        return Map.of("enabled", "auto", "root", root.toString(), "keep-for-seconds", 60);
    }

    @Test
    void process_hasItsName_itsUser_itsUnit_andItsCgroup() throws Exception {
        assertThat(TestHost.collect(new ProcCollector(), settings(), PROCESS))
                .reports(PROCESS)
                .hasLow("process_name:sshd", "process_uid:33", "systemd_unit:ssh.service")
                .hasHigh("cgroup:/system.slice/ssh.service")
                .isComplete();
    }

    @Test
    void unitOfCgroupsVersion1_isThatOfSystemd() throws Exception {
        Files.writeString(
                root.resolve("42/cgroup"), "7:cpu,cpuacct:/other.service\n1:name=systemd:/user.slice/session-1.scope\n");

        assertThat(TestHost.collect(new ProcCollector(), settings(), PROCESS))
                .reports(PROCESS)
                .hasLow("process_name:sshd", "process_uid:33", "systemd_unit:session-1.scope")
                .hasHigh("cgroup:/user.slice/session-1.scope");
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "../etc", "self"})
    void noSuchProcess_isNothing(String id) throws Exception {
        assertThat(TestHost.collect(new ProcCollector(), settings(), EntityId.of(EntityId.PROCESS, id)))
                .doesNotReport(EntityId.of(EntityId.PROCESS, id));
    }

    @Test
    void noProcFileSystem_isAbsent() {
        Map<String, Object> nowhere = Map.of("root", root.resolve("none").toString(), "keep-for-seconds", "60");

        assertThatThrownBy(() -> TestHost.collect(new ProcCollector(), nowhere))
                .isInstanceOf(CollectorUnavailableException.class)
                .hasMessageContaining(root.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1m", ""})
    void badSetting_isNamed(String seconds) {
        assertThatThrownBy(() -> new ProcCollector().check(Map.of("keep-for-seconds", seconds)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tagger.collectors.proc.keep-for-seconds is " + seconds);
    }
}
