package io.tagger.agent.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The command or line that mends a collector's fault, for the faults that operators meet most.
 *
 * @param user the name of the user that the agent runs as
 */
record Remedies(String user) {
    private static final String USUAL = "/var/run/docker.sock";
    private static final Pattern SOCKET = Pattern.compile("(?:permission to use|no socket) (/\\S+)");
    private static final String HOST = "tagger.collectors.docker.host";

    /** The user that owns a running agent's socket, else the user of this process. */
    static Remedies of(Path agentSocket) {
        try {
            return new Remedies(
                    Files.getOwner(agentSocket, LinkOption.NOFOLLOW_LINKS).getName());
        } catch (IOException | UnsupportedOperationException e) {
            return new Remedies(System.getProperty("user.name"));
        }
    }

    /**
     * The remedy of a fault.
     *
     * @param collector the name of the collector
     * @param reason the reason that the collector gave
     */
    String of(String collector, String reason) {
        boolean isDocker = collector.equals("docker");
        if (reason.contains("permission") || reason.contains("Permission denied") || reason.contains("may not")) {
            return switch (collector) {
                case "docker" -> group(socket(reason));
                case "kubernetes" -> "kubectl apply -k deploy/kubernetes (the rights are in deploy/kubernetes/rights)";
                default -> "run the agent as a user with the right, such as root";
            };
        } else if (reason.contains("403") || reason.contains("forbidden") || reason.contains("401")) {
            return "kubectl apply -k deploy/kubernetes/rights; which right is missing: kubectl auth can-i VERB RESOURCE"
                    + " --as=system:serviceaccount:tagger:tagger";
        } else if (isDocker && reason.contains(HOST)) {
            return "correct " + HOST + " (tagger config shows the line that sets it)"
                    + (Files.exists(Path.of(USUAL)) ? ": there is a socket " + USUAL : "")
                    + "; a daemon that is stopped: sudo systemctl start docker";
        } else if (isDocker) {
            return "sudo systemctl start docker; another daemon: " + HOST + " = \"unix:///PATH\"";
        }
        return "tagger log debug 10m shows each step; tagger.collectors." + collector
                + ".enabled = false switches it off";
    }

    private static String socket(String reason) {
        Matcher path = SOCKET.matcher(reason);
        return path.find() ? path.group(1) : USUAL;
    }

    private String group(String socket) {
        String group = "docker";
        String belongs = "";
        try {
            PosixFileAttributes file = Files.readAttributes(Path.of(socket), PosixFileAttributes.class);
            group = file.group().getName();
            belongs = socket + " belongs to " + file.owner() + ":" + file.group() + ", and the agent runs as " + user
                    + ": ";
        } catch (IOException | UnsupportedOperationException e) {
            // the socket's folder is closed to this user: the usual group is the best guess
        }
        return belongs + "sudo usermod -aG " + group + " " + user
                + ", and start the agent again; in a container: --group-add $(stat" + " -c %g " + socket + ")";
    }
}
