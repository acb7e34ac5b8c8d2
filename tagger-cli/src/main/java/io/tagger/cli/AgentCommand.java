package io.tagger.cli;

import java.util.concurrent.Callable;

/**
 * A further command of {@code bin/tagger} from a jar on the class path; found through {@link java.util.ServiceLoader}.
 * Implementations have picocli annotations and a public constructor without parameters.
 */
public interface AgentCommand extends Callable<Integer> {}
