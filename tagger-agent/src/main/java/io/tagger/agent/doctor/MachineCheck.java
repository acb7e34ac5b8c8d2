package io.tagger.agent.doctor;

import io.tagger.config.TaggerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks at the clock, the namespaces and the Java of this process. */
final class MachineCheck {
    /** The numbers of the first namespaces in the kernel (include/linux/proc_ns.h): the namespaces of the machine. */
    private static final String FIRST_PIDS = "pid:[4026531836]";

    private static final String FIRST_CGROUPS = "cgroup:[4026531835]";

    /** No agent of this version ran earlier: a clock before is wrong. */
    private static final Instant RELEASE = Instant.parse("2026-01-01T00:00:00Z");

    private final Machine machine;
    private final Clock clock;
    private final List<Finding> findings = new ArrayList<>();

    MachineCheck(Machine machine, Clock clock) {
        this.machine = machine;
        this.clock = clock;
    }

    /**
     * The findings about the machine.
     *
     * @param config the configuration; empty if it can't be read
     */
    List<Finding> check(Optional<TaggerConfig> config) {
        clock();
        namespaces(config.map(settings -> settings.text("ipc.origin.cgroups")).orElse("/sys/fs/cgroup"));
        findings.add(Finding.ok(
                "java", Runtime.version() + ", " + Runtime.getRuntime().maxMemory() / (1 << 20) + " MB for objects"));
        return findings;
    }

    private void clock() {
        Instant now = clock.instant();
        if (now.isBefore(RELEASE)) {
            findings.add(Finding.problem(
                    "clock", "the clock says " + now + ", which is long ago", "sudo timedatectl set-ntp true"));
            return;
        }
        Optional<String> synchronised = Machine.run("timedatectl", "show", "-p", "NTPSynchronized", "--value");
        if (synchronised.filter("no"::equals).isPresent()) {
            findings.add(Finding.note(
                    "clock",
                    "the clock is " + now + ", and is not synchronised: expiries and times of containers may be wrong",
                    "sudo timedatectl set-ntp true"));
        } else {
            findings.add(Finding.ok(
                    "clock", "the clock says " + now + (synchronised.isPresent() ? ", and is synchronised" : "")));
        }
    }

    private void namespaces(String cgroups) {
        boolean hasPids =
                machine.link("/proc/self/ns/pid").filter(FIRST_PIDS::equals).isPresent();
        boolean hasCgroups = machine.link("/proc/self/ns/cgroup")
                .filter(FIRST_CGROUPS::equals)
                .isPresent();
        Path folder = machine.path(cgroups);
        if (hasPids) {
            findings.add(Finding.ok("callers", "the processes of the machine are visible here"));
        } else if (!cgroups.equals("/sys/fs/cgroup") && Files.isDirectory(folder)) {
            findings.add(Finding.ok("callers", "the cgroups of the machine are mounted at " + cgroups));
        } else {
            findings.add(Finding.note(
                    "callers",
                    "this process is in a pid namespace of its own" + (hasCgroups ? "" : ", and in a cgroup namespace")
                            + ": the agent here can't tell the container of a caller (tagger self)",
                    "in the DaemonSet: hostPID: true (deploy/overlays/host-pid), or the folder /sys/fs/cgroup of the"
                            + " machine, mounted and named in tagger.ipc.origin.cgroups (deploy/overlays/cgroup-mount);"
                            + " docker run: --pid host"));
        }
    }
}
