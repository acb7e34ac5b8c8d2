package io.tagger.runtime.config;

import java.util.List;

/** Says everything that is wrong with a configuration, a sentence each, with the place. */
public final class InvalidConfigurationException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** The problems; a serializable list. */
    private final List<String> problems;

    /**
     * Collects problems.
     *
     * @param problems at least one sentence
     */
    public InvalidConfigurationException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
        this.problems = List.copyOf(problems);
    }

    /**
     * What is wrong.
     *
     * @return a sentence each, in the order of the keys
     */
    public List<String> problems() {
        return problems;
    }
}
