package io.tagger.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;

/** {@code tagger version}. */
@Command(name = "version", mixinStandardHelpOptions = true, description = "Prints the version of tagger and of Java.")
final class VersionCommand extends BaseCommand {
    /** For picocli. */
    VersionCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = out();
        if (isJson()) {
            out.println(Output.json(new TreeMap<>(Map.of("tagger", Version.agent(), "java", Version.java()))));
        } else {
            for (String line : new Version().getVersion()) {
                out.println(line);
            }
        }
        return Main.OK;
    }
}
