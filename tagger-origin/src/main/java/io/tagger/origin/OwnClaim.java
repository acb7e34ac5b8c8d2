package io.tagger.origin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The claim of this process about its own container, for an agent that can't see the process: {@code Tagger-Local-Data}.
 * Thread-safe.
 */
public final class OwnClaim {
    private OwnClaim() {}

    /**
     * Reads the claim.
     *
     * @param processes the folder {@code /proc} of this process
     * @param cgroups the folder {@code /sys/fs/cgroup} of this process
     * @return {@code in-<inode>,ci-<container id>}, each part as far as known; empty outside of containers
     */
    public static String of(Path processes, Path cgroups) {
        List<String> items = new ArrayList<>();
        long inode = inode(cgroups);
        if (inode > Cgroups.ROOT) {
            items.add("in-" + inode);
        }
        try {
            for (String line : Files.readAllLines(processes.resolve("self/cgroup"))) {
                var container = CgroupPath.container(line.substring(line.lastIndexOf(':') + 1));
                if (container.isPresent()) {
                    items.add("ci-" + container.get());
                    break;
                }
            }
        } catch (IOException e) {
            // No processes here.
        }
        return String.join(",", items);
    }

    private static long inode(Path cgroups) {
        try {
            return (Long) Files.getAttribute(Cgroups.hierarchy(cgroups), "unix:ino");
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return 0;
        }
    }
}
