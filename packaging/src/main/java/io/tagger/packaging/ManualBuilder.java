package io.tagger.packaging;

import io.tagger.cli.Main;
import java.io.File;
import java.io.IOException;
import picocli.CommandLine;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** Writes the manual of all commands as AsciiDoc, from the help of the commands themselves. */
public final class ManualBuilder {
    private ManualBuilder() {}

    /**
     * Writes.
     *
     * @param arguments the folder to write to
     * @throws IOException if a page can't be written
     */
    public static void main(String[] arguments) throws IOException {
        CommandLine commandLine = Main.commandLine();
        ManPageGenerator.generateManPage(
                new File(arguments[0]), null, new boolean[] {false}, true, commandLine.getCommandSpec());
    }
}
