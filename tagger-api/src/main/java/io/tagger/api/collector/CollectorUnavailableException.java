package io.tagger.api.collector;

/** Says that a source can't be used, and whether it is worth trying again. */
public final class CollectorUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Whether trying again is of no use. */
    private final boolean absent;

    private CollectorUnavailableException(boolean absent, String reason) {
        super(reason);
        this.absent = absent;
    }

    /**
     * The source is not on this machine: the collector is given up quietly. Where the configuration says {@code enabled = true} it is
     * reported as a failure, and tried again.
     *
     * @param reason what was looked for and not found, in words for an operator
     * @return the exception to throw
     */
    public static CollectorUnavailableException absent(String reason) {
        return new CollectorUnavailableException(true, reason);
    }

    /**
     * The source is there, or may be, and does not answer now: a new instance is tried later.
     *
     * @param reason what went wrong and what would help, in words for an operator
     * @return the exception to throw
     */
    public static CollectorUnavailableException retry(String reason) {
        return new CollectorUnavailableException(false, reason);
    }

    /**
     * Whether to give up.
     *
     * @return true if it was made by {@link #absent}
     */
    public boolean isAbsent() {
        return absent;
    }
}
