package io.tagger.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
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
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("tagger", Version.agent());
            json.put("java", Version.java());
            out.println(Output.json(json));
        } else {
            for (String line : new Version().getVersion()) {
                out.println(line);
            }
        }
        return Main.OK;
    }
}
