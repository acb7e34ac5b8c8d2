package io.tagger.runtime;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The names of {@code tagger.tag-names.drop}. Equal for equal names, so that a reload sees a change. */
record DroppedNames(List<String> globs, Pattern pattern) implements Predicate<String> {
    DroppedNames(List<String> globs) {
        this(List.copyOf(globs), pattern(globs));
    }

    /** In a name of the setting, {@code *} stands for any characters, and all others for themselves. */
    private static Pattern pattern(List<String> globs) {
        return Pattern.compile(globs.stream()
                .map(glob -> Pattern.quote(glob).replace("*", "\\E.*\\Q"))
                .collect(Collectors.joining("|")));
    }

    @Override
    public boolean test(String name) {
        return !globs.isEmpty() && pattern.matcher(name).matches();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DroppedNames that && globs.equals(that.globs);
    }

    @Override
    public int hashCode() {
        return globs.hashCode();
    }
}
