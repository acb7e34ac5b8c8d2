package io.tagger.collectors.common;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/**
 * Builds the tags of one entity: {@link TagInfo.Builder} with its rules, and the splitting of values that the setting {@code
 * tagger.tag-value-split-separator} asks for. Not thread-safe.
 */
public final class TagListBuilder {
    private final TagInfo.Builder info;
    private final Map<String, String> separators;

    /**
     * Begins a list.
     *
     * @param source the name of the collector
     * @param entity the entity
     * @param separators tag name to the text at which its values are split
     */
    public TagListBuilder(String source, EntityId entity, Map<String, String> separators) {
        this.info = TagInfo.builder(source, entity);
        this.separators = separators;
    }

    /**
     * Adds a low tag.
     *
     * @param name its name
     * @param value its value
     * @return this
     */
    public TagListBuilder low(String name, String value) {
        return add(info::low, name, value);
    }

    /**
     * Adds an orchestrator tag.
     *
     * @param name its name
     * @param value its value
     * @return this
     */
    public TagListBuilder orchestrator(String name, String value) {
        return add(info::orchestrator, name, value);
    }

    /**
     * Adds a high tag.
     *
     * @param name its name
     * @param value its value
     * @return this
     */
    public TagListBuilder high(String name, String value) {
        return add(info::high, name, value);
    }

    /**
     * Adds a standard tag, which is low too.
     *
     * @param name its name
     * @param value its value
     * @return this
     */
    public TagListBuilder standard(String name, String value) {
        return add(info::standard, name, value);
    }

    /**
     * Adds a tag at the level its name asks for: high with a leading {@code +}, otherwise low.
     *
     * @param name its name
     * @param value its value
     * @return this
     */
    public TagListBuilder auto(String name, String value) {
        return name.startsWith("+") ? high(name.substring(1), value) : low(name, value);
    }

    /**
     * Adds the four tags of an image that most collectors give, without {@code docker_image}.
     *
     * @param image the image
     * @param tag its tag; some sources take {@code latest} where the image has none
     * @return this
     */
    public TagListBuilder image(ImageName image, String tag) {
        return low("image_name", image.longName())
                .low("short_image", image.shortName())
                .low("image_tag", tag);
    }

    /**
     * Says until when the info holds.
     *
     * @param moment as for {@link TagInfo.Builder#expiry}
     * @return this
     */
    public TagListBuilder expiry(Instant moment) {
        info.expiry(moment);
        return this;
    }

    /**
     * Makes the info.
     *
     * @return what was added so far
     */
    public TagInfo build() {
        return info.build();
    }

    /**
     * Makes the info, and says whether it is all there is to know.
     *
     * @param isComplete false if the source is to be asked again soon
     * @return what was added so far
     */
    public TagInfo build(boolean isComplete) {
        return isComplete ? info.build() : info.incomplete().build();
    }

    private TagListBuilder add(BiConsumer<String, String> level, String name, String value) {
        String separator = separators.get(name);
        for (String piece : separator == null ? List.of(value) : pieces(value, separator)) {
            level.accept(name, piece);
        }
        return this;
    }

    private static List<String> pieces(String value, String separator) {
        return separator.isEmpty() ? List.of(value) : List.of(value.split(Pattern.quote(separator)));
    }
}
