package io.tagger.origin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads the processes of a folder that looks like {@code /proc}, as proc(5) describes. Thread-safe.
 *
 * <p>A process number is used again after the end of its process; therefore the start time is read before and after all
 * other facts.
 */
public final class ProcessFolder {
    /** The cgroup namespace of the machine: PROC_CGROUP_INIT_INO of the kernel. */
    private static final String MACHINE = "cgroup:[4026531835]";

    private static final int MOST_BYTES = 64 * 1024;
    private static final int START_TIME = 22; // the field of proc_pid_stat(5)
    private static final int AFTER_NAME = 2;

    private final Path folder;

    /**
     * Reads from a folder.
     *
     * @param folder usually {@code /proc}
     */
    public ProcessFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * The facts about one process.
     *
     * @param pid the process number
     * @param start the start time, in clock ticks since the boot of the machine
     * @param container the id of the container; empty outside of containers
     * @param pod the UID of the pod; empty outside of pods
     * @param place the place outside of containers
     * @param identity the name and the user
     */
    public record Facts(
            long pid, long start, Optional<String> container, Optional<String> pod, Place place, Identity identity) {
        /** The systemd unit; empty inside of containers, and without systemd. */
        public Optional<String> unit() {
            return place.unit;
        }
    }

    /**
     * The place of a process outside of containers.
     *
     * @param unit the systemd unit; empty inside of containers, and without systemd
     * @param isBelowReader whether the cgroup is that of the reader's cgroup namespace, or below
     */
    public record Place(Optional<String> unit, boolean isBelowReader) {}

    /**
     * The name and the user of a process.
     *
     * @param name the name of the program, of at most 15 characters; empty if unreadable
     * @param user the number of the real user; empty if unreadable
     */
    public record Identity(String name, OptionalLong user) {}

    /**
     * The start time of a process.
     *
     * @param pid the process number
     * @return the time in clock ticks since the boot of the machine; empty without such a process, or if the process is
     *     hidden from this user
     */
    public OptionalLong start(long pid) {
        Optional<String> stat = text(pid, "stat");
        if (stat.isEmpty()) {
            return OptionalLong.empty();
        }
        // The name in parentheses may hold spaces and parentheses of its own.
        String[] fields =
                stat.get().substring(stat.get().lastIndexOf(')') + 1).strip().split(" ");
        int index = START_TIME - AFTER_NAME - 1;
        try {
            return fields.length > index ? OptionalLong.of(Long.parseLong(fields[index])) : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * Whether a process still runs.
     *
     * @param pid the process number
     * @param start the start time; a further process with the number has another
     * @return false also for a process hidden from this user
     */
    public boolean isAlive(long pid, long start) {
        return start(pid).equals(OptionalLong.of(start));
    }

    /**
     * Reads a process.
     *
     * @param pid the process number
     * @return the facts; empty without such a process, if the process is hidden from this user, or if the process has
     *     ended meanwhile
     */
    public Optional<Facts> read(long pid) {
        OptionalLong before = start(pid);
        Optional<String> cgroups = text(pid, "cgroup");
        if (before.isEmpty() || cgroups.isEmpty()) {
            return Optional.empty();
        }
        Identity identity = identity(text(pid, "status").orElse(""));
        if (!before.equals(start(pid))) {
            return Optional.empty();
        }
        List<String> paths = paths(cgroups.get());
        Optional<String> container = first(paths, CgroupPath::container);
        return Optional.of(new Facts(
                pid,
                before.getAsLong(),
                container,
                first(paths, CgroupPath::pod),
                new Place(
                        container.isPresent() ? Optional.empty() : first(paths, CgroupPath::unit),
                        paths.stream().noneMatch(path -> path.startsWith("/.."))),
                identity));
    }

    /**
     * Whether this process has the cgroup namespace of the machine: a path outside of containers is then a place on the
     * machine, and otherwise may be this process's own container.
     *
     * @return true also if the namespace is unknown
     */
    public boolean isInMachinesNamespace() {
        try {
            return Files.readSymbolicLink(folder.resolve("self/ns/cgroup"))
                    .toString()
                    .equals(MACHINE);
        } catch (IOException e) {
            return true;
        }
    }

    /**
     * The numbers of all processes.
     *
     * @return the numbers; empty if the folder can't be read
     */
    public Set<Long> all() {
        try (Stream<Path> entries = Files.list(folder)) {
            Set<Long> all = new HashSet<>();
            entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.matches("[0-9]{1,18}"))
                    .forEach(name -> all.add(Long.parseLong(name)));
            return all;
        } catch (IOException e) {
            return Set.of();
        }
    }

    /** The paths of /proc/PID/cgroup: the path of the unified hierarchy first, then the paths of version 1. */
    private static List<String> paths(String cgroups) {
        List<String> paths = new ArrayList<>();
        for (String line : cgroups.split("\n")) {
            int controllers = line.indexOf(':');
            int path = line.indexOf(':', controllers + 1);
            if (controllers < 0 || path < 0) {
                continue;
            }
            paths.add(line.startsWith("0::") ? 0 : paths.size(), line.substring(path + 1));
        }
        return paths;
    }

    private static Optional<String> first(List<String> paths, Function<String, Optional<String>> reading) {
        return paths.stream().map(reading).flatMap(Optional::stream).findFirst();
    }

    private static Identity identity(String status) {
        String name = "";
        OptionalLong user = OptionalLong.empty();
        for (String line : status.split("\n")) {
            if (line.startsWith("Name:\t")) {
                name = line.substring("Name:\t".length());
            } else if (line.matches("Uid:\t[0-9]{1,10}\t.*")) {
                user = OptionalLong.of(Long.parseLong(line.split("\t")[1]));
            }
        }
        return new Identity(name, user);
    }

    private Optional<String> text(long pid, String file) {
        try (InputStream in =
                Files.newInputStream(folder.resolve(Long.toString(pid)).resolve(file))) {
            return Optional.of(new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty(); // ended, or hidden from this user
        }
    }
}
