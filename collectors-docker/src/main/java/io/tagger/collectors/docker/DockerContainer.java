package io.tagger.collectors.docker;

import java.util.List;
import java.util.Map;

/**
 * What the tags of a container depend on.
 *
 * @param id its full id
 * @param name its name, with the leading slash or without
 * @param image the image as the container was created with, {@code Config.Image}; may be empty, a digest, or a name that means another image
 *     by now
 * @param imageId the id of the image it runs
 * @param labels its labels
 * @param environment its environment, {@code NAME=value}
 */
record DockerContainer(
        String id, String name, String image, String imageId, Map<String, String> labels, List<String> environment) {}
