package io.tagger.cli;

import io.tagger.client.AgentException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/tagger}. */
@Command(
        name = "tagger",
        description = {"Which tags does this container, pod or task have?", ""},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:ok", "1:failure", "2:wrong usage", "3:the entity is unknown", "4:the agent is not reachable"
        },
        footer = {
            "",
            "Examples:",
            "  tagger run                                        collect, and serve this machine",
            "  tagger tag container_id://3f4ab0... -k high       all tags of a container",
            "  tagger self --wait 2s                             the tags of the container of this process",
            "  tagger list --agent tls://node7:7733              the entities of another machine",
            "  tagger list --prefix container_id --json          all containers with their tags",
            "  tagger watch                                      changes as they happen",
            "  tagger collectors                                 the collectors and their problems",
            "  tagger explain container_id://3f4ab0... team      why the tag team is there, or missing",
            "  tagger doctor                                     what keeps this machine's tags from the agent",
            "  tagger ui                                         the status page, in a browser",
            "  source <(tagger generate-completion)              completion for bash and zsh"
        })
public final class Main implements Runnable {
    /** The exit code of a success. */
    public static final int OK = 0;

    /** The exit code of a failure. */
    public static final int FAILURE = 1;

    static final int UNKNOWN_ENTITY = 3;
    static final int UNREACHABLE = 4;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    /**
     * Runs one command and ends the process with the command's exit code.
     *
     * @param arguments the arguments from the shell
     */
    public static void main(String[] arguments) {
        StandardOutput output = new StandardOutput();
        CommandLine commandLine = commandLine(arguments).setOut(output.writer());
        int code = commandLine.execute(arguments);
        commandLine.getOut().flush();
        if (!output.failure().isEmpty()) {
            commandLine.getErr().println("tagger: the output can't be written: " + output.failure());
            code = code == OK ? FAILURE : code;
        }
        System.exit(code);
    }

    /** The command line for some arguments: a question to the agent needs a single command, and starts in half the time. */
    static CommandLine commandLine(String[] arguments) {
        AgentQuestion question = arguments.length == 0 ? null : AgentQuestion.named(arguments[0]);
        if (question == null) {
            return commandLine();
        }
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.addSubcommand(question.command());
        return prepared(commandLine);
    }

    /**
     * The command line, with the commands of all jars on the class path.
     *
     * @return a new command line
     */
    public static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main());
        for (AgentQuestion question : AgentQuestion.values()) {
            commandLine.addSubcommand(question.command());
        }
        commandLine.addSubcommand(new VersionCommand());
        commandLine.addSubcommand(new AutoComplete.GenerateCompletion());
        commandLine.addSubcommand(new HelpCommand());
        ServiceLoader.load(AgentCommand.class, Main.class.getClassLoader()).forEach(commandLine::addSubcommand);
        commandLine
                .getSubcommands()
                .get("generate-completion")
                .getCommandSpec()
                .usageMessage()
                .hidden(false);
        return prepared(commandLine);
    }

    private static CommandLine prepared(CommandLine commandLine) {
        return commandLine.setCaseInsensitiveEnumValuesAllowed(true).setExecutionExceptionHandler(errors());
    }

    /** The commands that ask an agent. */
    private enum AgentQuestion {
        TAG,
        SELF,
        LIST,
        WATCH,
        COLLECTORS,
        EXPLAIN,
        RELOAD,
        LOG;

        static @Nullable AgentQuestion named(String text) {
            for (AgentQuestion question : values()) {
                if (question.name().toLowerCase(Locale.ROOT).equals(text)) {
                    return question;
                }
            }
            return null;
        }

        BaseCommand command() {
            return switch (this) {
                case TAG -> new TagCommand();
                case SELF -> new SelfCommand();
                case LIST -> new ListCommand();
                case WATCH -> new WatchCommand();
                case COLLECTORS -> new CollectorsCommand();
                case EXPLAIN -> new ExplainCommand();
                case RELOAD -> new ReloadCommand();
                case LOG -> new LogCommand();
            };
        }
    }

    /** A failure is a sentence; TAGGER_DEBUG adds the stack. */
    private static IExecutionExceptionHandler errors() {
        return (error, failed, parsed) -> {
            PrintWriter out = failed.getErr();
            if (System.getenv("TAGGER_DEBUG") != null) {
                error.printStackTrace(out);
            }
            String message = error.getMessage();
            boolean expected = error instanceof IllegalStateException
                    || error instanceof IllegalArgumentException
                    || error instanceof AgentException;
            out.println("tagger: " + (expected && message != null ? message : error));
            out.flush();
            return error instanceof AgentException asked && !asked.answered() ? UNREACHABLE : FAILURE;
        };
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
