package io.tagger.collectors.docker;

import io.tagger.collectors.common.ImageName;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The image reference at the start of a container: {@code Config.Image}. TAGS.md, section 2.
 *
 * @param text {@code acme/web:1.2}, {@code acme/web@sha256:..}, {@code sha256:..}, hex digits, or empty
 */
record ImageReference(String text) {
    private static final Pattern ID = Pattern.compile("sha256:.*|[0-9a-f]{12,64}", Pattern.DOTALL);

    /** Whether a text is the id of an image, and no name. */
    static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /** The name given by the reference itself, without the digest; empty for an id. */
    String name() {
        return text.isEmpty() || isId(text) ? "" : ImageName.parse(text).nameAndTag();
    }

    /** Whether only an inspection of the image gives the full name: the reference is an id, or a digest without tag. */
    boolean needsInspection() {
        return name().isEmpty()
                || text.contains("@sha") && ImageName.parse(text).tag().isEmpty();
    }

    /**
     * The name among the names of the inspected image. A later {@code docker tag} of another repository has no effect
     * on a reference with a repository.
     *
     * @param repoTags the image's tags
     * @param repoDigests the image's digests with the repositories
     * @return a tag of the reference's repository; without a repository the first tag in alphabetical order, or the
     *     repository of the first digest; empty if the image has no name
     */
    Optional<String> choose(List<String> repoTags, List<String> repoDigests) {
        Stream<String> names = repoTags.stream()
                .filter(tag -> !tag.isEmpty() && !tag.contains("@") && !tag.startsWith("<none>") && !isId(tag))
                .sorted();
        String repository = name();
        if (!repository.isEmpty()) {
            return names.filter(tag -> ImageName.parse(tag).longName().equals(repository))
                    .findFirst()
                    .or(() -> Optional.of(repository));
        }
        return names.findFirst().or(() -> repoDigests.stream()
                .filter(digest -> digest.indexOf('@') > 0 && !digest.startsWith("<none>"))
                .map(digest -> digest.substring(0, digest.indexOf('@')))
                .findFirst());
    }
}
