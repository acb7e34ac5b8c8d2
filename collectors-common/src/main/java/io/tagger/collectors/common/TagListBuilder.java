package io.tagger.collectors.common;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/**
 * Builds the tags of one entity: a {@link TagInfo.Builder} with the value splitting of the setting {@code
 * tagger.tag-value-split-separator}. Not thread-safe.
 */
public final class TagListBuilder {
    private final TagInfo.Builder info;
    private final Map<String, String> separators;

    /**
     * Begins a list.
     *
     * @param source the name of the collector
     * @param entity the entity
     * @param separators tag name to the separator of the tag's values
     */
    public TagListBuilder(String source, EntityId entity, Map<String, String> separators) {
        this.info = TagInfo.builder(source, entity);
        this.separators = separators;
    }

    /**
     * Adds a low tag.
     *
     * @param name the tag's name
     * @param value the tag's value
     * @return this
     */
    public TagListBuilder low(String name, String value) {
        return add(info::low, name, value);
    }

    /**
     * Adds an orchestrator tag.
     *
     * @param name the tag's name
     * @param value the tag's value
     * @return this
     */
    public TagListBuilder orchestrator(String name, String value) {
        return add(info::orchestrator, name, value);
    }

    /**
     * Adds a high tag.
     *
     * @param name the tag's name
     * @param value the tag's value
     * @return this
     */
    public TagListBuilder high(String name, String value) {
        return add(info::high, name, value);
    }

    /**
     * Adds a standard tag, also a low tag.
     *
     * @param name the tag's name
     * @param value the tag's value
     * @return this
     */
    public TagListBuilder standard(String name, String value) {
        return add(info::standard, name, value);
    }

    /**
     * Adds a tag at the level marked in the name: high with a leading {@code +}, otherwise low.
     *
     * @param name the tag's name
     * @param value the tag's value
     * @return this
     */
    public TagListBuilder auto(String name, String value) {
        return name.startsWith("+") ? high(name.substring(1), value) : low(name, value);
    }

    /**
     * Adds the three tags of an image: {@code image_name}, {@code short_image} and {@code image_tag}; not {@code
     * docker_image}.
     *
     * @param image the image
     * @param tag the image's tag; some sources use {@code latest} for an image without a tag
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
     * @return the report with the tags added so far
     */
    public TagInfo build() {
        return info.build();
    }

    /**
     * Builds the report with a completeness.
     *
     * @param isComplete false if the source is to be asked again soon
     * @return the report with the tags added so far
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
