package io.tagger.origin;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.origin.ProcessFolder.Facts;
import io.tagger.origin.ProcessFolder.Identity;
import io.tagger.origin.ProcessFolder.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessFolderTest {
    private static final String ID = "3f4ab09c".repeat(8);
    private static final String POD = "2b5a7c9e-1f3d-4a6b-8c0e-9d2f4a6b8c0e";

    @TempDir
    Path directory;

    private KernelFolders kernel;
    private ProcessFolder folder;

    @BeforeEach
    void make() throws Exception {
        kernel = new KernelFolders(directory);
        folder = new ProcessFolder(kernel.processes);
    }

    @Test
    void version2_aContainerOfAPod() throws Exception {
        kernel.process(7, 55, "0::/kubepods/burstable/pod" + POD + "/" + ID + "\n");

        assertThat(folder.read(7))
                .contains(new Facts(
                        7,
                        55,
                        Optional.of(ID),
                        Optional.of(POD),
                        new Place(Optional.empty(), true),
                        new Identity("web", OptionalLong.of(1000))));
    }

    /** Docker's containers on version 1, each controller with a line of its own. */
    @Test
    void version1_anyController() throws Exception {
        kernel.process(
                7, 55, "12:pids:/docker/" + ID + "\n11:cpuset:/docker/" + ID + "\n1:name=systemd:/docker/" + ID + "\n");

        assertThat(folder.read(7).flatMap(Facts::container)).contains(ID);
    }

    /** A hybrid machine: version 2 tracks the processes, and version 1 holds the containers. */
    @Test
    void hybrid_theHierarchyWithTheContainerCounts() throws Exception {
        kernel.process(7, 55, "4:memory:/docker/" + ID + "\n1:name=systemd:/\n0::/system.slice/containerd.service\n");

        assertThat(folder.read(7).flatMap(Facts::container)).contains(ID);
        assertThat(folder.read(7).flatMap(Facts::unit))
                .as("the unit of the runtime")
                .isEmpty();
    }

    @Test
    void unit_outsideOfContainers() throws Exception {
        kernel.process(7, 55, "0::/system.slice/sshd.service\n");

        assertThat(folder.read(7).flatMap(Facts::unit)).contains("sshd.service");
        assertThat(folder.read(7).flatMap(Facts::container)).isEmpty();
    }

    @Test
    void nameWithParenthesesAndSpaces_doesNotShiftTheStartTime() throws Exception {
        kernel.process(7, 55, "0::/\n", "a) b (c 1 2", 0);

        assertThat(folder.start(7)).hasValue(55);
    }

    @Test
    void processThatIsGone_hidden_orDamaged_hasNoFacts() throws Exception {
        assertThat(folder.read(7)).isEmpty();
        assertThat(folder.read(-1)).isEmpty();
        Files.createDirectory(
                kernel.processes.resolve("8")); // hidepid=1: the directory is there, the files are not readable
        assertThat(folder.read(8)).isEmpty();
        kernel.process(9, 55, "0::/\n");
        for (String damaged :
                new String[] {"", ")", "9 (x", "9 (x) S 1 2", "9 (x) S 1 9 9 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 x 1"}) {
            Files.writeString(kernel.processes.resolve("9/stat"), damaged);
            assertThat(folder.read(9)).as(damaged).isEmpty();
        }
    }

    @Test
    void all_listsTheNumbers() throws Exception {
        kernel.process(7, 55, "0::/\n");
        kernel.process(12, 55, "0::/\n");
        Files.createDirectory(kernel.processes.resolve("sys"));

        assertThat(folder.all()).containsExactlyInAnyOrder(7L, 12L);
        assertThat(new ProcessFolder(directory.resolve("none")).all()).isEmpty();
    }

    /** The test's own process, in the real /proc. */
    @Test
    void realProcess() {
        ProcessFolder real = new ProcessFolder(Path.of("/proc"));
        long own = ProcessHandle.current().pid();

        assertThat(real.read(own)).hasValueSatisfying(facts -> {
            assertThat(facts.start()).isPositive();
            assertThat(facts.identity().name()).isEqualTo("java");
        });
        assertThat(real.all()).contains(own);
    }
}
