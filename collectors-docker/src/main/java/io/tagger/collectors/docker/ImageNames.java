package io.tagger.collectors.docker;

import io.tagger.api.collector.Backoff;
import io.tagger.collectors.common.RootCause;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
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

    /** The containers that wait for the name of an image. */
    private static final class Waiting {
        final Map<String, DockerContainer> containers = new HashMap<>();

        /** The containers that have ended since. They still get the name if the first lookup succeeds. */
        final Set<String> ended = new HashSet<>();

        boolean hasFailed;

        void end(String container) {
            if (hasFailed) {
                containers.remove(container);
            } else if (containers.containsKey(container)) {
                ended.add(container);
            }
        }

        void fail() {
            hasFailed = true;
            containers.keySet().removeAll(ended);
            ended.clear();
        }
    }

    private final InspectQueue<Wanted> lookups;
    private final Lookup lookup;
    private final Consumer<DockerContainer> whenKnown;
    private final Logger log;
    private final Map<Wanted, String> names = new HashMap<>(); // guarded by this
    private final Map<Wanted, Waiting> waiting = new HashMap<>(); // guarded by this

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
            Waiting others = waiting.get(wanted);
            if (others != null) {
                others.containers.put(container.id(), container);
                others.ended.remove(container.id());
                return new Image(reference.name(), false); // the lookup is under way, or pauses after a failure
            }
            Waiting first = new Waiting();
            first.containers.put(container.id(), container);
            waiting.put(wanted, first);
        }
        lookups.add(wanted.toString(), wanted);
        return new Image(reference.name(), false);
    }

    /** Takes note of the end of a container: a name that is long in coming is not waited for. */
    synchronized void end(String container) {
        waiting.values().forEach(containers -> containers.end(container));
    }

    private void ask(String key, Wanted wanted, int failures) throws DaemonException {
        Waiting containers;
        try {
            String name = name(wanted);
            log.debug("image {} is named {}", wanted.image, name);
            synchronized (this) {
                if (names.size() >= MAX_IMAGES) {
                    names.clear();
                }
                names.put(wanted, name);
                containers = waiting.remove(wanted);
            }
        } catch (DaemonException e) {
            synchronized (this) {
                waiting.getOrDefault(wanted, new Waiting()).fail();
            }
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
            containers.containers.values().forEach(whenKnown);
        }
    }

    /** Asks the daemon. An answer that can't be read costs this name, and no other. */
    private String name(Wanted wanted) throws DaemonException {
        try {
            return lookup.name(wanted.image, wanted.reference);
        } catch (RuntimeException e) {
            throw new DaemonException(e.toString(), e);
        }
    }
}
