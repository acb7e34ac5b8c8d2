package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The init container of the manifests, with the capabilities that they give: it hands the folder of the socket over. */
class HandOverIT {
    private static final Pattern ARGUMENTS = Pattern.compile("args:\\s+(- hand-over\\s+(?:- .*\\s+)+?)env:");
    private static final Pattern ADDED = Pattern.compile("add:\\s+((?:- [A-Z_]+\\s+)+)");

    @ParameterizedTest
    @CsvSource({
        "65532, overlays/pods-api, 0",
        "0, kubernetes, 65532",
        "0, overlays/pods-api, 0",
        "65532, kubernetes, 65532"
    })
    void folderOfTheSocket_ofAnAgentOfAnotherUser_isHandedOver(
            int before, String manifests, int after, @TempDir Path folder) throws Exception {
        assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0), "SKIPPED: only root can change owners");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path run = Files.createDirectory(folder.resolve("run"));
        Path lock = Files.createFile(
                run.resolve("tagger.sock.lock"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwxr-x---"));
        Files.setAttribute(lock, "unix:uid", before);
        Files.setAttribute(run, "unix:uid", before);
        String objects = output(List.of("kubectl", "kustomize", "../deploy/" + manifests));
        List<String> command =
                new ArrayList<>(List.of(Distribution.BUILT.resolve("bin/tagger").toString()));
        items(ARGUMENTS, objects).forEach(item -> command.add(item.replace("/run/tagger", run.toString())));
        List<String> added = items(ADDED, objects).stream()
                .map(name -> "+" + name.toLowerCase(Locale.ROOT))
                .toList();
        assertThat(command).contains("hand-over");
        assertThat(added).containsExactly("+chown", "+fowner");

        output(setpriv(0, "," + String.join(",", added), command));

        assertThat(objects).contains("runAsUser: " + after);
        output(setpriv(after, "", List.of("sh", "-c", "exec 3>>" + lock + " && echo x >" + run + "/tagger.sock")));
    }

    private static List<String> items(Pattern list, String text) {
        Matcher found = list.matcher(text);
        assertThat(found.find()).as(list.pattern()).isTrue();
        return found.group(1)
                .lines()
                .filter(line -> !line.isBlank())
                .map(line -> line.strip().replaceFirst("^- ", "").replace("\"", ""))
                .toList();
    }

    private static List<String> setpriv(int user, String capabilities, List<String> command) {
        List<String> all = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + user,
                "--regid=65532",
                "--clear-groups",
                "--inh-caps=-all",
                "--bounding-set=-all" + capabilities));
        all.addAll(command);
        return all;
    }

    private static String output(List<String> command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("TAGGER_ARCHIVE", "off");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(command + ": " + out).isZero();
        return out;
    }
}
