package io.tagger.origin;

import java.nio.file.Files;
import java.nio.file.Path;

/** The layout of a folder that looks like {@code /sys/fs/cgroup}. */
final class Cgroups {
    /** The inode of the root directory of every cgroup hierarchy, which says nothing about its reader. */
    static final long ROOT = 1;

    private Cgroups() {}

    /** The hierarchy whose inodes count: the folder itself, or that of the controller {@code memory} on version 1. */
    static Path hierarchy(Path folder) {
        Path memory = folder.resolve("memory");
        return Files.isDirectory(memory) && !Files.exists(folder.resolve("cgroup.controllers")) ? memory : folder;
    }
}
