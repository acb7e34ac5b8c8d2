package io.tagger.collectors.common;

/**
 * An image reference taken apart.
 *
 * @param longName the reference without tag and digest: {@code registry.local:5000/team/web}
 * @param registry the text before the first slash, if there are two slashes or more; empty otherwise
 * @param shortName the text after the last slash
 * @param tag the tag; empty if there is none
 */
public record ImageName(String longName, String registry, String shortName, String tag) {
    /**
     * Takes a reference apart.
     *
     * @param reference for instance {@code org/redis:7@sha256:5bef..}
     * @return the parts
     * @throws IllegalArgumentException if the reference is empty, or a nameless digest ({@code sha256:..})
     */
    public static ImageName parse(String reference) {
        if (reference.isEmpty()) {
            throw new IllegalArgumentException("empty image name");
        }
        if (reference.startsWith("sha256:")) {
            throw new IllegalArgumentException("'" + reference + "' is a digest and no image name");
        }
        int digest = reference.lastIndexOf("@sha");
        String name = digest < 0 ? reference : reference.substring(0, digest);
        int colon = name.lastIndexOf(':');
        String tag = "";
        if (colon > name.lastIndexOf('/')) {
            tag = name.substring(colon + 1);
            name = name.substring(0, colon);
        }
        int first = name.indexOf('/');
        int last = name.lastIndexOf('/');
        String registry = first < last ? name.substring(0, first) : "";
        return new ImageName(name, registry, name.substring(last + 1), tag);
    }

    /**
     * The name with the tag.
     *
     * @return {@code name:tag}, or the name alone where there is no tag
     */
    public String nameAndTag() {
        return tag.isEmpty() ? longName : longName + ":" + tag;
    }

    /**
     * The tag that Kubernetes and Fargate run for a reference: {@code latest} where the reference has neither a tag nor
     * a digest.
     *
     * @param reference the reference that was parsed
     * @return the tag; empty for a digest without a tag
     */
    public String tagOrLatest(String reference) {
        return tag.isEmpty() && !reference.contains("@sha") ? "latest" : tag;
    }
}
