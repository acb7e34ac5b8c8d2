package io.tagger.api.collector;

/** A source can't be used; the exception also tells whether the host should try again. */
public final class CollectorUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Whether trying again is of no use. */
    private final boolean absent;

    private CollectorUnavailableException(boolean absent, String reason) {
        super(reason);
        this.absent = absent;
    }

    /**
     * The source is not on this machine: the collector is given up quietly. Where the configuration says {@code enabled
     * = true} it is reported as a failure, and tried again.
     *
     * @param reason the missing thing and the places searched, in words for an operator
     * @return the exception to throw
     */
    public static CollectorUnavailableException absent(String reason) {
        return new CollectorUnavailableException(true, reason);
    }

    /**
     * The source is there, or may be, and does not answer now: a new instance is tried later.
     *
     * @param reason the fault and the remedy, in words for an operator
     * @return the exception to throw
     */
    public static CollectorUnavailableException retry(String reason) {
        return new CollectorUnavailableException(false, reason);
    }

    /**
     * Whether to give up.
     *
     * @return true for an exception from {@link #absent}
     */
    public boolean isAbsent() {
        return absent;
    }
}
