package io.tagger.collectors.common;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Builds the tags of one entity: a {@link TagInfo.Builder} with the value splitting of the setting {@code
 * tagger.tag-value-split-separator}. For an explanation the builder also notes the origin of each tag; {@link #from}
 * names the field of the tags that follow. Not thread-safe.
 */
public final class TagListBuilder {
    private final TagInfo.Builder info;
    private final Map<String, String> separators;
    private final Provenance.@Nullable Builder origins;
    private String from = "";
    private String rule = "";

    /**
     * Begins a list.
     *
     * @param source the name of the collector
     * @param entity the entity
     * @param separators tag name to the separator of the tag's values
     */
    public TagListBuilder(String source, EntityId entity, Map<String, String> separators) {
        this(source, entity, separators, null);
    }

    /**
     * Begins a list whose origins are noted.
     *
     * @param source the name of the collector
     * @param entity the entity
     * @param separators tag name to the separator of the tag's values
     * @param origins receives the origins; null to note none
     */
    public TagListBuilder(
            String source, EntityId entity, Map<String, String> separators, Provenance.@Nullable Builder origins) {
        this.info = TagInfo.builder(source, entity);
        this.separators = separators;
        this.origins = origins;
    }

    /**
     * Names the field of the tags that follow.
     *
     * @param field the field of the source, such as {@code Config.Image}
     * @return this
     */
    public TagListBuilder from(String field) {
        from = field;
        rule = "";
        return this;
    }

    /**
     * Names the label, annotation or variable of the tags that follow.
     *
     * @param kind such as {@code label}
     * @param name the name
     * @return this
     */
    TagListBuilder from(String kind, String name) {
        return origins == null ? this : from(kind + " " + name);
    }

    /** Names the rule of the tags that follow, up to the next field. */
    TagListBuilder by(String setting, MappingRules.Rule applied) {
        if (origins != null) {
            rule = setting + " " + applied.quoted();
        }
        return this;
    }

    /**
     * Whether the origins are noted.
     *
     * @return true for an explanation
     */
    public boolean isExplained() {
        return origins != null;
    }

    /** Where the origins are noted; empty if nobody asks. */
    Optional<Provenance.Builder> origins() {
        return Optional.ofNullable(origins);
    }

    /**
     * Adds a low tag.
     *
     * @param name the tag's name
     * @param value the tag's value
     * @return this
     */
    public TagListBuilder low(String name, String value) {
        return add(info::low, Cardinality.LOW, name, value);
    }

    /**
     * Adds an orchestrator tag.
     *
     * @param name the tag's name
     * @param value the tag's value
     * @return this
     */
    public TagListBuilder orchestrator(String name, String value) {
        return add(info::orchestrator, Cardinality.ORCHESTRATOR, name, value);
    }

    /**
     * Adds a high tag.
     *
     * @param name the tag's name
     * @param value the tag's value
     * @return this
     */
    public TagListBuilder high(String name, String value) {
        return add(info::high, Cardinality.HIGH, name, value);
    }

    /**
     * Adds a standard tag, also a low tag.
     *
     * @param name the tag's name
     * @param value the tag's value
     * @return this
     */
    public TagListBuilder standard(String name, String value) {
        return add(info::standard, Cardinality.LOW, name, value);
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

    private TagListBuilder add(BiConsumer<String, String> to, Cardinality level, String name, String value) {
        String separator = separators.get(name);
        for (String piece : separator == null ? List.of(value) : pieces(value, separator)) {
            to.accept(name, piece);
            note(level, name, piece);
        }
        return this;
    }

    /** A tag without a name or a value is no tag. */
    private void note(Cardinality level, String name, String value) {
        if (origins != null && !name.isEmpty() && !value.isEmpty()) {
            origins.tag(new Provenance.Tag(name + ":" + value, level, from, rule));
        }
    }

    private static List<String> pieces(String value, String separator) {
        return separator.isEmpty() ? List.of(value) : List.of(value.split(Pattern.quote(separator)));
    }
}
