package io.tagger.runtime.builtin;

import io.tagger.origin.ProcessFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The names of users. An agent in a container has the container's list of users, which would give wrong names to the
 * machine's users; there a user has a number. Thread-safe.
 */
interface Users {
    /** Numbers alone. */
    Users NUMBERS = Long::toString;

    /** The cgroup namespace of a machine's own processes: PROC_CGROUP_INIT_INO of the kernel. */
    String MACHINE = "cgroup:[4026531835]";

    /** The name of a user, or the number. */
    String name(long user);

    /** The users of the machine, as far as this process sees them. */
    static Users of(Path folder, ProcessFolder processes) {
        try {
            boolean isOnMachine = Files.readSymbolicLink(folder.resolve("self/ns/cgroup"))
                            .toString()
                            .equals(MACHINE)
                    && processes
                            .read(ProcessHandle.current().pid())
                            .filter(self -> self.container().isEmpty())
                            .isPresent();
            return isOnMachine ? Users::listed : NUMBERS;
        } catch (IOException e) {
            return NUMBERS;
        }
    }

    private static String listed(long user) {
        try {
            Optional<String> line = Files.readAllLines(Path.of("/etc/passwd")).stream()
                    .filter(entry -> {
                        String[] fields = entry.split(":", 4);
                        return fields.length == 4 && fields[2].equals(Long.toString(user));
                    })
                    .findFirst();
            return line.map(entry -> entry.substring(0, entry.indexOf(':'))).orElse(Long.toString(user));
        } catch (IOException e) {
            return Long.toString(user);
        }
    }
}
