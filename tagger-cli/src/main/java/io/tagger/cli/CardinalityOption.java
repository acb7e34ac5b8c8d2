package io.tagger.cli;

import io.tagger.api.Cardinality;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code -k}, how detailed an answer is to be. */
final class CardinalityOption {
    @Option(
            names = {"-k", "--cardinality"},
            paramLabel = "LEVEL",
            defaultValue = "low",
            completionCandidates = Levels.class,
            description = "low, orchestrator or high; a level includes the lower levels. Default: ${DEFAULT-VALUE}.")
    private String cardinality = "low";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    /** For picocli. */
    CardinalityOption() {}

    /** The level; wrong usage if the text is none. */
    Cardinality level() {
        try {
            return Cardinality.parse(cardinality);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage());
        }
    }
}
