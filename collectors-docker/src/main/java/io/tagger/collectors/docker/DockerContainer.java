package io.tagger.collectors.docker;

import java.util.List;
import java.util.Map;

/**
 * The fields of a container on which tags depend.
 *
 * @param id the full id
 * @param name the name, with or without the leading slash
 * @param image the image given at the creation of the container, {@code Config.Image}; may be empty, a digest, or a
 *     name that means another image by now
 * @param imageId the id of the running image
 * @param labels the labels
 * @param environment the environment, {@code NAME=value}
 */
record DockerContainer(
        String id, String name, String image, String imageId, Map<String, String> labels, List<String> environment) {}
