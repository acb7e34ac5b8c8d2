package io.tagger.collectors.docker;

/**
 * A version of the Docker API.
 *
 * @param major the first number
 * @param minor the second number
 */
record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
    /** The version for which this collector was written: spoken by current engines, and the oldest accepted by them. */
    static final ApiVersion PREFERRED = new ApiVersion(1, 44);

    static ApiVersion parse(String text) {
        String[] numbers = text.split("\\.");
        if (numbers.length != 2) {
            throw new IllegalArgumentException("'" + text + "' is no API version");
        }
        return new ApiVersion(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
    }

    /**
     * The version to speak with a daemon: the preferred version, if the daemon knows it; else the daemon's newest
     * version, if older; else the daemon's oldest. All requests of this collector have the same meaning in all
     * versions.
     */
    static ApiVersion negotiate(ApiVersion oldest, ApiVersion newest) {
        if (PREFERRED.compareTo(newest) > 0) {
            return newest;
        }
        return PREFERRED.compareTo(oldest) < 0 ? oldest : PREFERRED;
    }

    @Override
    public int compareTo(ApiVersion other) {
        return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
