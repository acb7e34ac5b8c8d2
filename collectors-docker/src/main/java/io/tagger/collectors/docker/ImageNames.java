package io.tagger.collectors.docker;

import io.tagger.api.collector.Backoff;
import io.tagger.collectors.common.RootCause;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;

/**
 * The names of the images of containers started from an id or a digest. Thread-safe.
 *
 * <p>The daemon is asked in the background: a container is reported without the name at first, and inspected again when
 * the name is known. A failing or hanging question costs only the name, and is repeated at growing intervals.
 */
final class ImageNames {
    /** Few questions at a time: hanging questions hold few threads and connections. */
    private static final int PARALLEL = 2;

    private static final Backoff RETRY = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));

    /** A node has some hundred images; with far more images, repeated lookups are cheaper than the memory. */
    private static final int MAX_IMAGES = 10_000;

    /** Asks the daemon for the name of an image. */
    interface Lookup {
        /**
         * Asks the daemon.
         *
         * @param image the id or name to inspect
         * @param reference the reference at the start of the container
         * @return the name; the id if the image has no name, or is gone
         * @throws DaemonException if the daemon could not tell
         */
        String name(String image, ImageReference reference) throws DaemonException;
    }

    /**
     * The image of one container.
     *
     * @param name the name with the tag, or an id; empty if there is none
     * @param isKnown false if a lookup may give a better name
     */
    record Image(String name, boolean isKnown) {}

    private record Wanted(String image, ImageReference reference) {}

    private final InspectQueue<Wanted> lookups;
    private final Lookup lookup;
    private final Consumer<DockerContainer> whenKnown;
    private final Logger log;
    private final Map<Wanted, String> names = new HashMap<>(); // guarded by this
    private final Map<Wanted, Map<String, DockerContainer>> waiting = new HashMap<>(); // guarded by this; by id

    /**
     * Makes an empty memory.
     *
     * @param executor runs the lookups
     * @param lookup asks the daemon
     * @param whenKnown receives each container after the image has got a name
     * @param log receives the warning about an image with failing lookups
     */
    ImageNames(Executor executor, Lookup lookup, Consumer<DockerContainer> whenKnown, Logger log) {
        this.lookup = lookup;
        this.whenKnown = whenKnown;
        this.log = log;
        lookups = new InspectQueue<>(executor, PARALLEL, RETRY, this::ask);
    }

    /** The image of a container, as far as known now. An unknown name is looked up in the background. */
    Image of(DockerContainer container) {
        ImageReference reference = new ImageReference(container.image());
        if (!reference.needsInspection()) {
            return new Image(reference.name(), true);
        }
        String image = ImageReference.isId(container.imageId()) ? container.imageId() : container.image();
        if (image.isEmpty()) {
            return new Image("", true);
        }
        Wanted wanted = new Wanted(image, reference);
        synchronized (this) {
            String name = names.get(wanted);
            if (name != null) {
                return new Image(name, true);
            }
            Map<String, DockerContainer> others = waiting.get(wanted);
            if (others != null) {
                others.put(container.id(), container);
                return new Image(reference.name(), false); // the lookup is under way, or pauses after a failure
            }
            waiting.put(wanted, new HashMap<>(Map.of(container.id(), container)));
        }
        lookups.add(wanted.toString(), wanted);
        return new Image(reference.name(), false);
    }

    /** Forgets a stopped container. */
    synchronized void forget(String container) {
        waiting.values().forEach(containers -> containers.remove(container));
    }

    private void ask(String key, Wanted wanted, int failures) throws DaemonException {
        Map<String, DockerContainer> containers;
        try {
            String name = lookup.name(wanted.image, wanted.reference);
            log.debug("image {} is named {}", wanted.image, name);
            synchronized (this) {
                if (names.size() >= MAX_IMAGES) {
                    names.clear();
                }
                names.put(wanted, name);
                containers = waiting.remove(wanted);
            }
        } catch (DaemonException e) {
            if (failures == 0) {
                log.warn(
                        "image {} can't be inspected; its containers lack the image's name, and attempts follow every"
                                + " {} s at the latest: {}",
                        wanted.image,
                        RETRY.longest().toSeconds(),
                        RootCause.words(e));
            }
            throw e;
        }
        if (containers != null) {
            containers.values().forEach(whenKnown);
        }
    }
}
