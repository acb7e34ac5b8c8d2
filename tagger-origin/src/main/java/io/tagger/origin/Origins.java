package io.tagger.origin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tagger.api.EntityId;
import io.tagger.origin.CgroupTree.Place;
import io.tagger.origin.Claim.PodContainer;
import io.tagger.origin.Origin.How;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/**
 * Finds the entity of a process: the container around the process, or the process itself. Thread-safe.
 *
 * <p>The kernel goes before the caller: first the process at the other end of the connection, then the inode of the
 * caller's cgroup directory, and only then the words of the caller. Results about containers are remembered for the life of the
 * process.
 */
public final class Origins {
    private static final int MOST_PROCESSES = 100_000;

    private final ProcessFolder processes;
    private final boolean isInMachinesNamespace;
    private final CgroupTree cgroups;
    private final Function<PodContainer, Optional<EntityId>> workloads;
    private final Cache<Long, Known> remembered =
            Caffeine.newBuilder().maximumSize(MOST_PROCESSES).build();
    /** The origins of containers, shared by the processes of each. */
    private final Cache<String, Origin> containers =
            Caffeine.newBuilder().weakValues().build();

    private final LongAdder conflicts = new LongAdder();

    /**
     * The result for a process.
     *
     * @param container the origin of the container
     */
    private record Known(long start, Origin container) {}

    /**
     * Finds nothing yet.
     *
     * @param folders where to look
     * @param executor runs the scans of the cgroups
     * @param workloads finds the container of a pod, by the tags
     */
    public Origins(Folders folders, Executor executor, Function<PodContainer, Optional<EntityId>> workloads) {
        processes = new ProcessFolder(folders.processes());
        isInMachinesNamespace = processes.isInMachinesNamespace();
        cgroups = new CgroupTree(folders.cgroups(), executor);
        this.workloads = workloads;
    }

    /**
     * The folders of the kernel.
     *
     * @param processes usually {@code /proc}
     * @param cgroups usually {@code /sys/fs/cgroup}
     */
    public record Folders(Path processes, Path cgroups) {}

    /**
     * The process of a new connection.
     *
     * @param pid the number from the credentials of the connection; 0 if the process is in a pid namespace that the
     *     agent can't see
     * @return the process, with the start time
     */
    public Peer peer(long pid) {
        if (pid <= 0) {
            return new Peer.Unknown("the caller's process is in a pid namespace that the agent can't see");
        }
        OptionalLong start = processes.start(pid);
        return start.isPresent()
                ? new Peer.Process(pid, start.getAsLong())
                : new Peer.Unknown(
                        "process " + pid + " is not visible in /proc: it has ended, or /proc is mounted with hidepid");
    }

    /**
     * Finds the entity of a caller.
     *
     * @param peer the process at the other end of the connection
     * @param claim the words of the caller
     * @return the origin; fails with an {@link OriginException} if nobody can tell, or with an {@link
     *     IllegalArgumentException} if the claim has no container id
     */
    public CompletionStage<Origin> self(Peer peer, Claim claim) {
        List<String> missing = new ArrayList<>();
        if (peer instanceof Peer.Process process) {
            try {
                Origin found = find(process, How.PEER_PID);
                compare(claim, found);
                return CompletableFuture.completedFuture(found);
            } catch (OriginException e) {
                missing.add(e.getMessage());
            }
        } else if (peer instanceof Peer.Unknown unknown) {
            missing.add(unknown.reason());
        }
        return claimed(claim, missing);
    }

    /**
     * Finds the entity of a process.
     *
     * @param pid the process number, in the agent's pid namespace
     * @return the origin; fails with an {@link OriginException} without such a process
     */
    public CompletionStage<Origin> ofProcess(long pid) {
        if (!(peer(pid) instanceof Peer.Process process)) {
            return CompletableFuture.failedFuture(new OriginException("there is no process " + pid
                    + " in the agent's /proc: it has ended, or the agent has a pid namespace of its own (hostPID: true"
                    + " or --pid=host gives it the machine's), or /proc is mounted with hidepid"));
        }
        try {
            return CompletableFuture.completedFuture(find(process, How.PID));
        } catch (OriginException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Finds the entity of a claim alone.
     *
     * @param claim the words of the caller
     * @return as {@link #self}
     */
    public CompletionStage<Origin> ofClaim(Claim claim) {
        return claimed(claim, new ArrayList<>());
    }

    /**
     * Counts a claim that names another container than the kernel.
     *
     * @param claim the words of the caller
     * @param origin the kernel's word
     */
    public void compare(Claim claim, Origin origin) {
        if (contradicts(claim, origin)) {
            conflicts.increment();
        }
    }

    /** Forgets the processes that have ended. */
    public void sweep() {
        if (remembered.estimatedSize() > 0) {
            Set<Long> alive = processes.all();
            remembered.asMap().keySet().removeIf(pid -> !alive.contains(pid));
        }
    }

    /**
     * The number of callers that named a container other than the kernel.
     *
     * @return the number since the start
     */
    public long conflicts() {
        return conflicts.sum();
    }

    /**
     * The number of processes with a remembered result.
     *
     * @return the number now
     */
    public long remembered() {
        return remembered.estimatedSize();
    }

    private Origin find(Peer.Process process, How how) throws OriginException {
        Known known = remembered.getIfPresent(process.pid());
        if (known != null && known.start == process.start() && processes.isAlive(process.pid(), process.start())) {
            return new Origin(known.container.entity(), how, known.container.pod());
        }
        remembered.invalidate(process.pid());
        ProcessFolder.Facts facts = processes
                .read(process.pid())
                .filter(read -> read.start() == process.start())
                .orElseThrow(() -> new OriginException("process " + process.pid() + " has ended"));
        if (facts.container().isPresent()) {
            Origin container = container(facts.container().get(), facts);
            remembered.put(process.pid(), new Known(process.start(), container));
            return new Origin(container.entity(), how, container.pod());
        }
        if (facts.place().isBelowReader() && !isInMachinesNamespace) {
            throw new OriginException("process " + process.pid() + " is in the agent's own container");
        }
        // Not remembered: a process is made outside, and moved into its container before its program starts.
        return new Origin(EntityId.of(EntityId.PROCESS, Long.toString(process.pid())), how, Optional.empty());
    }

    private Origin container(String id, ProcessFolder.Facts facts) {
        return containers.get(
                id,
                unknown ->
                        new Origin(EntityId.container(id), How.PID, facts.pod().map(EntityId::pod)));
    }

    private boolean contradicts(Claim claim, Origin origin) {
        return claim.container()
                        .filter(id -> !EntityId.container(id).equals(origin.entity()))
                        .isPresent()
                || claim.inode().stream()
                        .mapToObj(cgroups::known)
                        .flatMap(Optional::stream)
                        .anyMatch(
                                place -> !EntityId.container(place.container()).equals(origin.entity()));
    }

    private CompletionStage<Origin> claimed(Claim claim, List<String> missing) {
        if (claim.inode().isEmpty()) {
            return told(claim, missing);
        }
        long inode = claim.inode().getAsLong();
        return cgroups.find(inode).thenCompose(place -> {
            if (place.isPresent()) {
                return CompletableFuture.completedFuture(origin(place.get()));
            }
            missing.add(missing(inode));
            return told(claim, missing);
        });
    }

    private String missing(long inode) {
        if (inode <= Cgroups.ROOT) {
            return "inode " + inode + " is the root of the cgroups and no container's";
        }
        return cgroups.isMounted()
                ? "no container's cgroup has the inode " + inode + " in the agent's /sys/fs/cgroup"
                : "the agent has no /sys/fs/cgroup";
    }

    private static Origin origin(Place place) {
        return new Origin(
                EntityId.container(place.container()),
                How.CGROUP_INODE,
                place.pod().map(EntityId::pod));
    }

    private CompletionStage<Origin> told(Claim claim, List<String> missing) {
        if (claim.container().isPresent()) {
            String id = claim.container().get();
            if (CgroupPath.container(id).filter(id::equals).isEmpty()) {
                return CompletableFuture.failedFuture(new IllegalArgumentException("'" + id
                        + "' is no container id: 64 hex digits, 32 hex digits with a dash and digits, or a UUID"));
            }
            return CompletableFuture.completedFuture(new Origin(EntityId.container(id), How.CALLER, Optional.empty()));
        }
        if (claim.workload().isPresent()) {
            PodContainer workload = claim.workload().get();
            Optional<EntityId> container = workloads.apply(workload);
            if (container.isPresent()) {
                return CompletableFuture.completedFuture(
                        new Origin(container.get(), How.CALLER, Optional.of(EntityId.pod(workload.pod()))));
            }
            missing.add("no container '" + workload.name() + "' of the pod " + workload.pod() + " is known");
        }
        if (missing.isEmpty()) {
            missing.add("the request names no process, inode, container or pod");
        }
        return CompletableFuture.failedFuture(
                new OriginException(String.join("; ", missing) + ". Two ways: give the agent the"
                        + " machine's processes (hostPID: true, or --pid=host); or mount the machine's /sys/fs/cgroup read-only"
                        + " for the agent, and send Tagger-Local-Data: in-<inode of /sys/fs/cgroup>"));
    }
}
