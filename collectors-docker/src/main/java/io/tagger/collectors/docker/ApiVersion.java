package io.tagger.collectors.docker;

/**
 * A version of the Docker API.
 *
 * @param major the first number
 * @param minor the second number
 */
record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
    /** What this collector is written against: what current engines still speak, and the oldest that they accept. */
    static final ApiVersion PREFERRED = new ApiVersion(1, 44);

    static ApiVersion parse(String text) {
        String[] numbers = text.split("\\.");
        if (numbers.length != 2) {
            throw new IllegalArgumentException("'" + text + "' is no API version");
        }
        return new ApiVersion(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
    }

    /**
     * The version to speak with a daemon: the preferred one, if the daemon knows it; else the daemon's newest, if that is older; else its
     * oldest. All requests of this collector mean the same in all of them.
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
