package io.tagger.cli;

import java.util.concurrent.Callable;

/**
 * A command that {@code bin/tagger} has where the jar that brings it is on the class path; found through {@link java.util.ServiceLoader}.
 * Implementations are annotated for picocli and have a public constructor without parameters.
 */
public interface AgentCommand extends Callable<Integer> {}
