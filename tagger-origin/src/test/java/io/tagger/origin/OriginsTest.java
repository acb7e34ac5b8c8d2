package io.tagger.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tagger.api.EntityId;
import io.tagger.origin.Claim.PodContainer;
import io.tagger.origin.Origin.How;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginsTest {
    private static final String ID = "3f4ab09c".repeat(8);
    private static final String OTHER = "9d8c7b6a".repeat(8);
    private static final String POD = "2b5a7c9e-1f3d-4a6b-8c0e-9d2f4a6b8c0e";
    private static final Peer HIDDEN =
            new Peer.Unknown("the caller's process is in a pid namespace that the agent can't see");

    @TempDir
    Path directory;

    private KernelFolders kernel;
    private Origins origins;

    @BeforeEach
    void make() throws Exception {
        kernel = new KernelFolders(directory);
        make(kernel);
    }

    private void make(KernelFolders kernel) {
        origins = new Origins(
                new Origins.Folders(kernel.processes, kernel.cgroups),
                Runnable::run,
                workload -> workload.equals(new PodContainer(POD, "main"))
                        ? Optional.of(EntityId.container(ID))
                        : Optional.empty());
    }

    private static Origin found(CompletionStage<Origin> answer) {
        return answer.toCompletableFuture().join();
    }

    private static Claim inode(long inode) {
        return Claim.of("in-" + inode, "");
    }

    // The rows of the table: where the agent runs, and what the agent learns of a caller in a container.

    @Test
    void agentOnTheHost() throws Exception {
        kernel.process(7, 55, "0::/system.slice/docker-" + ID + ".scope\n");

        assertThat(found(origins.self(origins.peer(7), Claim.NONE)))
                .isEqualTo(new Origin(EntityId.container(ID), How.PEER_PID, Optional.empty()));
    }

    @Test
    void agentInAContainer_withThePidsOfTheHost_seesARelativePath() throws Exception {
        kernel.process(
                7, 55, "0::/../../kubepods-pod" + POD.replace('-', '_') + ".slice/cri-containerd-" + ID + ".scope\n");

        assertThat(found(origins.self(origins.peer(7), Claim.NONE)))
                .isEqualTo(new Origin(EntityId.container(ID), How.PEER_PID, Optional.of(EntityId.pod(POD))));
    }

    /** A process that was started in the agent's own container: its path says nothing, and its claim counts. */
    @Test
    void callerInTheAgentsOwnContainer_isNotOutside() throws Exception {
        Path namespace = Files.createDirectories(kernel.processes.resolve("self/ns"));
        Files.createSymbolicLink(namespace.resolve("cgroup"), Path.of("cgroup:[4026532000]"));
        make(kernel);
        kernel.process(7, 55, "0::/\n");
        kernel.process(8, 55, "0::/../../system.slice/sshd.service\n");
        long inode = kernel.cgroup("docker/" + ID);

        assertThat(found(origins.self(origins.peer(7), inode(inode))).entity()).isEqualTo(EntityId.container(ID));
        assertThatThrownBy(() -> found(origins.self(origins.peer(7), Claim.NONE)))
                .hasMessageContaining("process 7 is in the agent's own container");
        assertThat(found(origins.self(origins.peer(8), Claim.NONE)).entity()).isEqualTo(EntityId.process(8));
    }

    @Test
    void agentInAContainer_withPidsOfItsOwn_namesBothWays() {
        assertThatThrownBy(() -> found(origins.self(origins.peer(0), Claim.NONE)))
                .hasRootCauseInstanceOf(OriginException.class)
                .hasMessageContaining("a pid namespace that the agent can't see")
                .hasMessageContaining("hostPID: true, or --pid=host")
                .hasMessageContaining("mount the machine's /sys/fs/cgroup read-only");
    }

    @Test
    void theSame_withTheCgroupsOfTheHost_findsTheInode() throws Exception {
        long inode = kernel.cgroup("kubepods/pod" + POD + "/" + ID);

        assertThat(found(origins.self(origins.peer(0), inode(inode))))
                .isEqualTo(new Origin(EntityId.container(ID), How.CGROUP_INODE, Optional.of(EntityId.pod(POD))));
    }

    @Test
    void callerInTheHostsCgroupNamespace_saysItsContainer() {
        Claim claim = Claim.of("in-1,ci-" + ID, "");

        assertThat(found(origins.self(HIDDEN, claim)))
                .isEqualTo(new Origin(EntityId.container(ID), How.CALLER, Optional.empty()));
    }

    // Further ways.

    @Test
    void processOutsideOfContainers_isTheProcess() throws Exception {
        kernel.process(7, 55, "0::/system.slice/sshd.service\n");

        assertThat(found(origins.self(origins.peer(7), Claim.of("ci-" + ID, ""))))
                .isEqualTo(new Origin(EntityId.of(EntityId.PROCESS, "7"), How.PEER_PID, Optional.empty()));
    }

    @Test
    void podAndName() {
        assertThat(found(origins.self(HIDDEN, Claim.of("", "it-false,cn-main,pu-" + POD))))
                .isEqualTo(new Origin(EntityId.container(ID), How.CALLER, Optional.of(EntityId.pod(POD))));
        assertThatThrownBy(() -> found(origins.self(HIDDEN, Claim.of("", "it-false,cn-other,pu-" + POD))))
                .hasMessageContaining("no container 'other' of the pod " + POD + " is known");
    }

    @Test
    void pid_asked() throws Exception {
        kernel.process(7, 55, "0::/docker/" + ID + "\n");

        assertThat(found(origins.ofProcess(7)).how()).isEqualTo(How.PID);
        assertThat(found(origins.ofProcess(7)).entity()).isEqualTo(EntityId.container(ID));
        assertThatThrownBy(() -> found(origins.ofProcess(8))).hasMessageContaining("there is no process 8");
    }

    // Bad input.

    @Test
    void forgedClaim_losesToTheKernel_andIsCounted() throws Exception {
        kernel.process(7, 55, "0::/docker/" + ID + "\n");
        long other = kernel.cgroup("docker/" + OTHER);

        assertThat(found(origins.self(origins.peer(7), Claim.of("ci-" + OTHER, "")))
                        .entity())
                .isEqualTo(EntityId.container(ID));
        assertThat(origins.conflicts()).isEqualTo(1);
        assertThat(found(origins.self(HIDDEN, inode(other))).entity()).isEqualTo(EntityId.container(OTHER));
        assertThat(found(origins.self(origins.peer(7), inode(other))).entity()).isEqualTo(EntityId.container(ID));
        assertThat(origins.conflicts()).isEqualTo(2);
        assertThat(found(origins.self(origins.peer(7), Claim.of("ci-" + ID, "")))
                        .entity())
                .isEqualTo(EntityId.container(ID));
        assertThat(origins.conflicts()).isEqualTo(2);
    }

    /** A process is made outside of its container, and moved into it before its program starts. */
    @Test
    void processThatMovesIntoAContainer_isNotRememberedAsOutside() throws Exception {
        kernel.process(7, 55, "0::/system.slice/containerd.service\n");
        assertThat(found(origins.ofProcess(7)).entity()).isEqualTo(EntityId.process(7));
        kernel.process(7, 55, "0::/docker/" + ID + "\n");

        assertThat(found(origins.ofProcess(7)).entity()).isEqualTo(EntityId.container(ID));
    }

    @Test
    void numberUsedAgain_doesNotAnswerForTheFirstProcess() throws Exception {
        kernel.process(7, 55, "0::/docker/" + ID + "\n");
        Peer peer = origins.peer(7);
        assertThat(found(origins.self(peer, Claim.NONE)).entity()).isEqualTo(EntityId.container(ID));
        kernel.process(7, 99, "0::/docker/" + OTHER + "\n");

        assertThatThrownBy(() -> found(origins.self(peer, Claim.NONE))).hasMessageContaining("process 7 has ended");
        assertThat(found(origins.self(origins.peer(7), Claim.NONE)).entity()).isEqualTo(EntityId.container(OTHER));
        assertThat(found(origins.ofProcess(7)).entity()).isEqualTo(EntityId.container(OTHER));
    }

    @Test
    void hiddenProcess_isNamedAsHidden() throws Exception {
        Files.createDirectory(kernel.processes.resolve("7"));

        assertThatThrownBy(() -> found(origins.self(origins.peer(7), Claim.NONE)))
                .hasMessageContaining("hidepid");
    }

    @Test
    void missingCgroups_andAForeignInode_areNamed() throws Exception {
        Origins without = new Origins(
                new Origins.Folders(kernel.processes, directory.resolve("none")),
                Runnable::run,
                any -> Optional.empty());

        assertThatThrownBy(() -> found(without.self(HIDDEN, inode(4_242))))
                .hasMessageContaining("the agent has no /sys/fs/cgroup");
        assertThatThrownBy(() -> found(origins.self(HIDDEN, inode(4_242))))
                .hasMessageContaining("no container's cgroup has the inode 4242");
        assertThatThrownBy(() -> found(origins.self(HIDDEN, inode(0)))).hasMessageContaining("inode 0 is the root");
        assertThatThrownBy(() -> found(origins.ofClaim(Claim.NONE)))
                .hasMessageContaining("the request names no process");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "3f4a", "../etc", "/docker/3f4a"})
    void claimThatIsNoContainerId_isRefused(String id) {
        assertThatThrownBy(() -> found(origins.self(HIDDEN, Claim.of("ci-" + id, ""))))
                .hasRootCauseInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no container id");
    }

    @ParameterizedTest
    @ValueSource(strings = {"in-", "in-x", "in--1", "in-99999999999999999999", "ci-"})
    void malformedHeader_isRefused(String header) {
        assertThatThrownBy(() -> Claim.of(header, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Tagger-Local-Data");
    }

    @Test
    void claim_ofUnknownItems_isNone() {
        assertThat(Claim.of("zz-1, yy", "it-true")).isEqualTo(Claim.NONE);
        assertThat(Claim.of(" in-5 , ci-x ", "").inode()).isEqualTo(OptionalLong.of(5));
        assertThatThrownBy(() -> Claim.of("in-5".repeat(1_000), "")).hasMessageContaining("more than 1024 characters");
    }

    @Test
    void sweep_forgetsProcessesThatHaveEnded() throws Exception {
        kernel.process(7, 55, "0::/docker/" + ID + "\n");
        kernel.process(8, 56, "0::/docker/" + ID + "\n");
        found(origins.ofProcess(7));
        found(origins.ofProcess(8));
        kernel.end(7);

        origins.sweep();

        assertThat(origins.remembered()).isEqualTo(1);
    }
}
