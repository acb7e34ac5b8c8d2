package io.tagger.logging;

import ch.qos.logback.core.PropertyDefinerBase;
import java.time.Duration;

/**
 * A property of Logback's configuration with the value of a tag of this process, read once: for names of files and appenders.
 *
 * <pre>{@code
 * <define name="team" class="io.tagger.logging.TaggerProperty">
 *   <tag>team</tag>
 *   <otherwise>none</otherwise>
 * </define>
 * }</pre>
 *
 * <p>Waits for the agent's answer at most {@code waitMillis} (300), and never fails. Values in log lines are better taken from {@link
 * TaggerConverter}, which does not wait.
 */
public final class TaggerProperty extends PropertyDefinerBase {
    private String tag = "";
    private String otherwise = "";
    private long waitMillis = 300;

    /** For Logback. */
    public TaggerProperty() {}

    /**
     * Sets the tag; required.
     *
     * @param name the name of the tag
     */
    public void setTag(String name) {
        tag = name;
    }

    /**
     * Sets the value without a tag; empty by default.
     *
     * @param value the value
     */
    public void setOtherwise(String value) {
        otherwise = value;
    }

    /**
     * Sets the longest wait.
     *
     * @param millis milliseconds, 0 or more
     */
    public void setWaitMillis(long millis) {
        waitMillis = millis;
    }

    @Override
    public String getPropertyValue() {
        if (tag.isEmpty()) {
            addError("the definition needs the name of a tag: <tag>team</tag>");
            return otherwise;
        }
        String value = OwnTags.ofProcess().value(tag, Duration.ofMillis(waitMillis));
        return value == null ? otherwise : value;
    }
}
