package io.tagger.config;

import java.util.List;

/** The problems of a configuration, a sentence each, with the place. */
public final class InvalidConfigurationException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** A sentence each; an array, because arrays are serializable. */
    private final String[] problems;

    /**
     * Collects problems.
     *
     * @param problems at least one sentence
     */
    public InvalidConfigurationException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
        this.problems = problems.toArray(new String[0]);
    }

    /**
     * The problems.
     *
     * @return a sentence each, in the order of the keys
     */
    public List<String> problems() {
        return List.of(problems);
    }
}
