package io.tagger.config;

/** The use of a collector, the setting {@code enabled}. */
public enum CollectorUse {
    /** {@code auto}: the collector is used if its source is detected. */
    AUTO,
    /** {@code true}: the collector is used, and the absence of its source is a failure. */
    REQUIRED,
    /** {@code false}: the collector is not used. */
    OFF
}
