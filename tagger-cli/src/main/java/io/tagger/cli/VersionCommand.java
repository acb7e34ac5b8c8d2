package io.tagger.cli;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
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
            out.println(Output.json(new JsonObject()
                    .put("tagger", Version.agent())
                    .put("java", Version.java())
                    .encode()));
        } else {
            for (String line : new Version().getVersion()) {
                out.println(line);
            }
        }
        return Main.OK;
    }
}
