/**
 * Streams the tags of the containers of a Docker-compatible daemon. Transport ({@link
 * io.tagger.collectors.docker.DockerConnection}), order of work ({@link io.tagger.collectors.docker.InspectQueue}) and
 * extraction ({@link io.tagger.collectors.docker.ContainerTags}) are apart.
 */
@NullMarked
package io.tagger.collectors.docker;

import org.jspecify.annotations.NullMarked;
