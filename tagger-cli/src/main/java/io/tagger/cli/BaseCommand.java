package io.tagger.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that prints data, as text or with {@code --json} as JSON. */
@Command(mixinStandardHelpOptions = true)
public abstract class BaseCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** For subclasses. */
    protected BaseCommand() {}

    /**
     * Whether the output is JSON.
     *
     * @return whether {@code --json} was given
     */
    protected final boolean isJson() {
        return json;
    }

    /**
     * The standard output.
     *
     * @return the writer
     */
    protected final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /**
     * The standard error, for notes beside the data.
     *
     * @return the writer
     */
    protected final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /**
     * Wrong usage: exit code 2, with the help of the command.
     *
     * @param message the error and the correct usage
     * @return the exception to throw
     */
    protected final ParameterException wrongUsage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
