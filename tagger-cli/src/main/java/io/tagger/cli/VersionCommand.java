package io.tagger.cli;

import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tagger version}. */
@Command(name = "version", mixinStandardHelpOptions = true, description = "Prints the version of tagger and of Java.")
final class VersionCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print an object.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** For picocli. */
    VersionCommand() {}

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        if (json) {
            out.println(new JsonObject()
                    .put("tagger", Version.agent())
                    .put("java", Version.java())
                    .encode());
        } else {
            for (String line : new Version().getVersion()) {
                out.println(line);
            }
        }
        return Main.OK;
    }
}
