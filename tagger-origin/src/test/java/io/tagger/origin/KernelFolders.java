package io.tagger.origin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders that look like /proc and /sys/fs/cgroup, with the forms of real files. */
final class KernelFolders {
    final Path processes;
    final Path cgroups;

    KernelFolders(Path folder) throws IOException {
        processes = Files.createDirectory(folder.resolve("proc"));
        cgroups = Files.createDirectory(folder.resolve("cgroup"));
        Files.createFile(cgroups.resolve("cgroup.controllers"));
    }

    /** A process with the text of its /proc/PID/cgroup. */
    void process(long pid, long start, String cgroups) throws IOException {
        process(pid, start, cgroups, "web", 1000);
    }

    void process(long pid, long start, String cgroup, String name, long user) throws IOException {
        Path process = Files.createDirectories(processes.resolve(Long.toString(pid)));
        // The form of Linux 6.18; the name may hold spaces and parentheses.
        Files.writeString(
                process.resolve("stat"),
                pid + " (" + name + ") S 1 " + pid + " " + pid + " 0 -1 4194560 2120 0 0 0 5 3 0 0 20 0 1 0 " + start
                        + " 4616192 1035 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
        Files.writeString(process.resolve("cgroup"), cgroup);
        Files.writeString(
                process.resolve("status"),
                "Name:\t" + name + "\nUmask:\t0022\nState:\tS (sleeping)\nPid:\t" + pid + "\nUid:\t" + user
                        + "\t0\t0\t0\nGid:\t0\t0\t0\t0\n");
    }

    void end(long pid) throws IOException {
        Path process = processes.resolve(Long.toString(pid));
        for (String file : new String[] {"stat", "cgroup", "status"}) {
            Files.delete(process.resolve(file));
        }
        Files.delete(process);
    }

    /** A cgroup directory on version 2, and its inode. */
    long cgroup(String path) throws IOException {
        return inode(Files.createDirectories(cgroups.resolve(path)));
    }

    static long inode(Path directory) throws IOException {
        return (Long) Files.getAttribute(directory, "unix:ino");
    }
}
