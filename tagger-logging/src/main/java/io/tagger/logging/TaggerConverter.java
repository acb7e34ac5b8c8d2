package io.tagger.logging;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The conversion word {@code tagger} of Logback: {@code %tagger{team, none}} in a pattern is the value of the tag {@code team} of
 * this process at the time of the event, and {@code none} (or nothing) before the tag is known.
 *
 * <pre>{@code
 * <conversionRule conversionWord="tagger" class="io.tagger.logging.TaggerConverter"/>
 * }</pre>
 *
 * <p>Never waits, and never fails.
 */
public final class TaggerConverter extends ClassicConverter {
    private @Nullable OwnTags tags;
    private String name = "";
    private String otherwise = "";

    /** For Logback. */
    public TaggerConverter() {}

    @Override
    public void start() {
        List<String> options = getOptionList();
        if (options == null || options.isEmpty()) {
            addError("the conversion word 'tagger' needs the name of a tag: %tagger{team}");
            return;
        }
        name = options.get(0).strip();
        otherwise = options.size() > 1 ? options.get(1).strip() : "";
        tags = OwnTags.ofProcess();
        super.start();
    }

    @Override
    public String convert(ILoggingEvent event) {
        String value = tags == null ? null : tags.value(name);
        return value == null ? otherwise : value;
    }
}
