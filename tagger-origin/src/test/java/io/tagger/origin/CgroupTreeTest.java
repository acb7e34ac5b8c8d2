package io.tagger.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupTreeTest {
    private static final String ID = "3f4ab09c".repeat(8);
    private static final String OTHER = "9d8c7b6a".repeat(8);
    private static final String POD = "2b5a7c9e-1f3d-4a6b-8c0e-9d2f4a6b8c0e";

    @TempDir
    Path directory;

    private KernelFolders kernel;
    private CgroupTree tree;
    private final List<Runnable> scans = new ArrayList<>();
    private final Queue<Runnable> pauses = new ArrayDeque<>();

    @BeforeEach
    void make() throws Exception {
        kernel = new KernelFolders(directory);
        tree = new CgroupTree(
                kernel.cgroups,
                scan -> {
                    scans.add(scan);
                    scan.run();
                },
                pauses::add);
    }

    private Optional<String> found(CompletableFuture<Optional<CgroupTree.Place>> answer) {
        assertThat(answer).isCompleted();
        return answer.join().map(CgroupTree.Place::container);
    }

    @Test
    void version2_theDirectoryOfTheContainer_orBelow() throws Exception {
        long own = kernel.cgroup("system.slice/docker-" + ID + ".scope");
        long below = kernel.cgroup(
                "kubepods.slice/kubepods-pod" + POD.replace('-', '_') + ".slice/crio-" + OTHER + ".scope/container");
        long slice = kernel.cgroup("user.slice");

        assertThat(found(tree.find(own))).contains(ID);
        assertThat(tree.find(below).join()).hasValueSatisfying(place -> {
            assertThat(place.container()).isEqualTo(OTHER);
            assertThat(place.pod()).contains(POD);
        });
        assertThat(tree.known(slice)).isEmpty();
    }

    @Test
    void version1_theControllerMemory() throws Exception {
        Files.delete(kernel.cgroups.resolve("cgroup.controllers"));
        long memory = kernel.cgroup("memory/docker/" + ID);
        long cpu = kernel.cgroup("cpu/docker/" + OTHER);

        assertThat(found(tree.find(memory))).contains(ID);
        assertThat(tree.known(cpu)).isEmpty();
    }

    @Test
    void rootAndZero_sayNothing_andCostNoScan() {
        assertThat(found(tree.find(0))).isEmpty();
        assertThat(found(tree.find(1))).isEmpty();
        assertThat(scans).isEmpty();
    }

    @Test
    void directoryThatIsGone_isNoAnswer() throws Exception {
        long inode = kernel.cgroup("docker/" + ID);
        assertThat(found(tree.find(inode))).contains(ID);
        Files.delete(kernel.cgroups.resolve("docker/" + ID));

        assertThat(tree.known(inode)).isEmpty();
    }

    @Test
    void manyUnknownInodes_shareAScanForEachPause() throws Exception {
        List<CompletableFuture<Optional<CgroupTree.Place>>> waiting = new ArrayList<>();
        assertThat(found(tree.find(1L << 40))).isEmpty();
        for (long inode = 0; inode < 100_000; inode++) {
            waiting.add(tree.find((1L << 41) + inode));
        }
        long started = kernel.cgroup("docker/" + ID);
        CompletableFuture<Optional<CgroupTree.Place>> newcomer = tree.find(started);

        assertThat(scans).hasSize(1);
        assertThat(newcomer).isNotDone();
        pauses.remove().run();
        assertThat(waiting).allMatch(CompletableFuture::isDone);
        assertThat(found(newcomer)).contains(ID);
        pauses.remove().run(); // nobody waits: no scan follows
        assertThat(pauses).isEmpty();
    }

    @Test
    void noCgroups_isNoAnswer() throws Exception {
        CgroupTree none = new CgroupTree(directory.resolve("none"), Runnable::run, pauses::add);

        assertThat(none.isMounted()).isFalse();
        assertThat(found(none.find(77))).isEmpty();
    }
}
