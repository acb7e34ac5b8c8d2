package io.tagger.agent.doctor;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Looks at the agent's socket: whether the agent answers there, what denies the socket, and whether an agent can serve there. */
final class SocketCheck {
    private static final String SUBJECT = "socket";

    private final Machine machine;
    private final Path socket;
    private final String user = System.getProperty("user.name", "");
    private final List<Finding> findings = new ArrayList<>();

    SocketCheck(Machine machine, Path socket) {
        this.machine = machine;
        this.socket = socket;
    }

    /** The findings about the socket. */
    List<Finding> check() {
        if (!Files.exists(socket)) {
            closedFolder(socket);
            if (findings.isEmpty()) {
                absent();
            }
        } else {
            present();
        }
        return findings;
    }

    private void absent() {
        findings.add(Finding.problem(
                SUBJECT,
                "no agent serves " + socket,
                "tagger run, or: sudo systemctl start tagger; another path: tagger doctor --socket PATH"));
        Path folder = socket.toAbsolutePath().getParent();
        while (folder != null && !Files.exists(folder)) {
            folder = folder.getParent();
        }
        if (folder != null && !Files.isWritable(folder)) {
            Path wanted = socket.toAbsolutePath().getParent();
            findings.add(Finding.problem(
                    SUBJECT,
                    "the user " + user + " may not make a socket in " + wanted,
                    "sudo install -d -o " + user + " " + wanted + "; a systemd unit: RuntimeDirectory=tagger"));
        }
    }

    private void present() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            findings.add(Finding.ok(SUBJECT, "the agent takes connections at " + socket));
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            if (message.contains("refused")) {
                findings.add(Finding.problem(
                        SUBJECT,
                        socket + " is left over from an agent that has ended: " + message,
                        "sudo systemctl restart tagger, or: tagger run"));
            } else {
                denied(message);
            }
        }
    }

    /** A folder on the way that this user may not enter. */
    private void closedFolder(Path path) {
        Path at = path.getRoot();
        for (Path part : path.toAbsolutePath()) {
            at = at == null ? part : at.resolve(part);
            if (Files.isDirectory(at) && !Files.isExecutable(at)) {
                findings.add(Finding.problem(
                        SUBJECT,
                        "the user " + user + " may not enter the folder " + at,
                        "sudo chmod a+x " + at + ", or run the command with sudo"));
                return;
            }
        }
    }

    private void denied(String message) {
        closedFolder(socket);
        try {
            PosixFileAttributes file = Files.readAttributes(socket, PosixFileAttributes.class);
            if (!Files.isWritable(socket)) {
                findings.add(Finding.problem(
                        SUBJECT,
                        "the user " + user + " may not open " + socket + ": it belongs to " + file.owner() + ":"
                                + file.group() + " with the mode "
                                + PosixFilePermissions.toString(file.permissions()),
                        (file.group().getName().equals("root")
                                        ? "run the command with sudo"
                                        : "sudo usermod -aG " + file.group() + " " + user + " (and log in again)")
                                + "; for all users: tagger.ipc.socket-mode = \"0666\""));
            }
        } catch (IOException | UnsupportedOperationException e) {
            findings.add(Finding.problem(SUBJECT, socket + " can't be looked at: " + e, "run the command with sudo"));
        }
        if (machine.read("/sys/fs/selinux/enforce").filter("1"::equals).isPresent()) {
            findings.add(Finding.note(
                    SUBJECT,
                    "SELinux is enforcing, and may deny the socket to a confined process",
                    "sudo ausearch -m avc -ts recent | grep tagger; a container: --security-opt label=disable, or in a pod:"
                            + " securityContext: { seLinuxOptions: { type: spc_t } }"));
        }
        machine.read("/proc/self/attr/current")
                .filter(profile -> !profile.isBlank() && !profile.startsWith("unconfined"))
                .filter(profile ->
                        machine.read("/sys/kernel/security/apparmor/profiles").isPresent() || profile.contains("("))
                .ifPresent(profile -> findings.add(Finding.note(
                        SUBJECT,
                        "this process has the AppArmor profile " + profile,
                        "sudo dmesg | grep DENIED; a container: --security-opt apparmor=unconfined")));
        machine.read("/proc/self/uid_map")
                .filter(map -> !map.replaceAll("\\s+", " ").equals("0 0 4294967295"))
                .ifPresent(map -> findings.add(Finding.note(
                        SUBJECT,
                        "this process is in a user namespace, as of a rootless engine: its root is no root of the machine",
                        "make the socket open to all users: tagger.ipc.socket-mode = \"0666\", in a folder that only the"
                                + " wanted containers mount")));
        if (findings.isEmpty()) {
            findings.add(
                    Finding.problem(SUBJECT, socket + " can't be opened: " + message, "run the command with sudo"));
        }
    }
}
