package io.tagger.origin;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the container, the pod and the systemd unit from the path of a cgroup, such as {@code
 * /kubepods.slice/kubepods-pod1234_5678.slice/cri-containerd-3f4a.scope}. Pure functions.
 *
 * <p>The last element with a container id counts: a container inside a container, or a cgroup that a container has made
 * below its own. The forms come from the runtimes: 64 hex digits of Docker, containerd, CRI-O and podman, bare or as
 * {@code docker-ID.scope}, {@code cri-containerd-ID.scope}, {@code crio-ID}, {@code SLICE:cri-containerd:ID}; 32 hex
 * digits, a dash and digits of ECS on Fargate; UUIDs of Garden, also with four digits in the last group.
 */
final class CgroupPath {
    /** The longest path that is read; the kernel's PATH_MAX. */
    private static final int LONGEST = 4_096;

    private static final Pattern HEX = Pattern.compile("(?:(.*)[-:_])?([0-9a-f]{64})(?:\\.scope)?");
    private static final Pattern ECS = Pattern.compile("[0-9a-f]{32}-[0-9]{1,10}");
    private static final Pattern GARDEN =
            Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-(?:[0-9a-f]{4}|[0-9a-f]{12})");
    /** A folder of the cgroupfs driver, or a slice of the systemd driver. */
    private static final Pattern POD = Pattern.compile(
            "(?:.*kubepods.*-)?pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\\.slice(?::.*)?)?");

    private CgroupPath() {}

    /** The id of the container; empty outside of containers. */
    static Optional<String> container(String path) {
        String[] elements = elements(path);
        for (int i = elements.length - 1; i >= 0; i--) {
            String element = elements[i];
            Matcher hex = HEX.matcher(element);
            if (hex.matches()) {
                String prefix = hex.group(1);
                // The monitor of a container runs beside the container, not inside.
                return prefix != null && prefix.endsWith("conmon") ? Optional.empty() : Optional.of(hex.group(2));
            }
            if (ECS.matcher(element).matches() || GARDEN.matcher(element).matches()) {
                return Optional.of(element);
            }
        }
        return Optional.empty();
    }

    /** The UID of the pod; empty outside of pods. */
    static Optional<String> pod(String path) {
        String[] elements = elements(path);
        for (int i = elements.length - 1; i >= 0; i--) {
            Matcher pod = POD.matcher(elements[i]);
            if (pod.matches()) {
                return Optional.of(pod.group(1).replace('_', '-'));
            }
        }
        return Optional.empty();
    }

    /** The systemd unit: the last service or scope; empty without systemd. */
    static Optional<String> unit(String path) {
        String[] elements = elements(path);
        for (int i = elements.length - 1; i >= 0; i--) {
            if (elements[i].endsWith(".service") || elements[i].endsWith(".scope")) {
                return Optional.of(elements[i]);
            }
        }
        return Optional.empty();
    }

    private static String[] elements(String path) {
        return path.length() > LONGEST ? new String[0] : path.split("/");
    }
}
