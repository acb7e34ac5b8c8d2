package io.tagger.runtime.builtin;

import io.tagger.origin.ProcessFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names of users. An agent in a container has the container's list of users, which would give wrong names to the
 * machine's users; there a user has a number. Thread-safe.
 */
final class Users {
    private static final Path LIST = Path.of("/etc/passwd");

    private final boolean hasNames;
    private Map<String, String> names = Map.of(); // guarded by this; by number
    private @Nullable FileTime read; // guarded by this

    private Users(boolean hasNames) {
        this.hasNames = hasNames;
    }

    /** The users of the machine, as far as this process sees them. */
    static Users of(ProcessFolder processes) {
        boolean isOnMachine = processes.isInMachinesNamespace()
                && processes
                        .read(ProcessHandle.current().pid())
                        .filter(self -> self.container().isEmpty())
                        .isPresent();
        return new Users(isOnMachine);
    }

    /** The name of a user, or the number. */
    synchronized String name(long user) {
        String number = Long.toString(user);
        if (!hasNames) {
            return number;
        }
        try {
            FileTime now = Files.getLastModifiedTime(LIST);
            if (!now.equals(read)) {
                names = list();
                read = now;
            }
        } catch (IOException e) {
            return number;
        }
        return names.getOrDefault(number, number);
    }

    private static Map<String, String> list() throws IOException {
        Map<String, String> names = new HashMap<>();
        for (String line : Files.readAllLines(LIST)) {
            String[] fields = line.split(":", 4); // name, password, number, and more
            if (fields.length == 4) {
                names.putIfAbsent(fields[2], fields[0]);
            }
        }
        return names;
    }
}
