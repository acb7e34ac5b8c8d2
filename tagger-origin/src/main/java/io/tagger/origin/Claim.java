package io.tagger.origin;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a caller says about an origin. Immutable.
 *
 * @param inode the inode of the caller's own cgroup directory
 * @param container a container id
 * @param workload a container of a pod
 */
public record Claim(OptionalLong inode, Optional<String> container, Optional<PodContainer> workload) {
    /** No claim at all. */
    public static final Claim NONE = new Claim(OptionalLong.empty(), Optional.empty(), Optional.empty());

    private static final int LONGEST_ID = 128;
    private static final int LONGEST_HEADER = 1_024;

    /**
     * A container of a pod.
     *
     * @param pod the UID of the pod
     * @param name the name of the container in the pod
     */
    public record PodContainer(String pod, String name) {}

    /**
     * Reads a claim from two headers, in the spelling of Datadog's clients. Unknown items are left out, so that newer
     * clients may say more.
     *
     * @param local the value of {@code Tagger-Local-Data}, {@code in-<inode>,ci-<container id>}; empty for none
     * @param external the value of {@code Tagger-External-Data}, {@code it-<is an init container>,cn-<container
     *     name>,pu-<pod UID>}; empty for none
     * @return the claim
     * @throws IllegalArgumentException if a value is malformed; the message names the header and the form
     */
    public static Claim of(String local, String external) {
        OptionalLong inode = OptionalLong.empty();
        Optional<String> container = Optional.empty();
        for (String item : items("Tagger-Local-Data", local)) {
            if (item.startsWith("in-")) {
                inode = OptionalLong.of(number("Tagger-Local-Data", item.substring("in-".length())));
            } else if (item.startsWith("ci-")) {
                container = Optional.of(id("Tagger-Local-Data", item.substring("ci-".length())));
            }
        }
        String pod = "";
        String name = "";
        for (String item : items("Tagger-External-Data", external)) {
            if (item.startsWith("cn-")) {
                name = id("Tagger-External-Data", item.substring("cn-".length()));
            } else if (item.startsWith("pu-")) {
                pod = id("Tagger-External-Data", item.substring("pu-".length()));
            }
        }
        return new Claim(inode, container, workload(pod, name));
    }

    /**
     * A container of a pod.
     *
     * @param pod the UID; may be empty
     * @param name the name; may be empty
     * @return the claim; empty unless both parts are there
     */
    public static Optional<PodContainer> workload(String pod, String name) {
        return pod.isEmpty() || name.isEmpty() ? Optional.empty() : Optional.of(new PodContainer(pod, name));
    }

    /**
     * Reads a process number or an inode.
     *
     * @param where the parameter or header, for the error
     * @param text decimal digits
     * @return the number
     * @throws IllegalArgumentException if the text is no number from 0
     */
    public static long number(String where, String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException(where + ": '" + shown(text) + "' is no number of decimal digits");
        }
        return Long.parseLong(text);
    }

    private static String id(String where, String text) {
        if (text.isEmpty() || text.length() > LONGEST_ID) {
            throw new IllegalArgumentException(
                    where + ": '" + shown(text) + "' is no id or name: it has 1 to " + LONGEST_ID + " characters");
        }
        return text;
    }

    private static String[] items(String where, String header) {
        if (header.length() > LONGEST_HEADER) {
            throw new IllegalArgumentException(where + " has more than " + LONGEST_HEADER + " characters");
        }
        return header.isEmpty() ? new String[0] : header.strip().split("\\s*,\\s*");
    }

    private static String shown(String text) {
        return text.length() <= LONGEST_ID ? text : text.substring(0, LONGEST_ID) + "..";
    }
}
