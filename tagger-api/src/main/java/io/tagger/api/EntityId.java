package io.tagger.api;

import java.nio.charset.StandardCharsets;

/**
 * The name of an entity, a thing with tags: {@code prefix://id}, for instance {@code container_id://3f4ab0..}.
 *
 * <p>The first {@code ://} splits the text. The prefix, {@code [a-z][a-z0-9_]*}, is the kind of entity. The id is any
 * non-empty text, further {@code ://} included, and is kept unchanged. Prefixes are open: plugins may add kinds to the
 * well-known kinds, and the well-known kinds have factories. The whole text has at most {@link #MAX_BYTES} bytes.
 *
 * <p>Immutable and thread-safe. Equality and hash come from the text; the hash is computed once.
 */
public final class EntityId implements Comparable<EntityId> {
    /** A container, by the full id from the container's runtime. */
    public static final String CONTAINER = "container_id";
    /** A Kubernetes pod, by UID. */
    public static final String POD = "kubernetes_pod_uid";
    /** An ECS task, by ARN. */
    public static final String ECS_TASK = "ecs_task";
    /** A machine, by host name. */
    public static final String HOST = "host";
    /** A process, by process number. */
    public static final String PROCESS = "process";
    /** A container image, by image id. */
    public static final String IMAGE = "container_image_metadata";
    /** A Kubernetes Deployment, by {@code namespace/name}. */
    public static final String DEPLOYMENT = "deployment";
    /** A Kubernetes resource of a further kind, by {@code group/resource/namespace/name}. */
    public static final String KUBERNETES_METADATA = "kubernetes_metadata";
    /** Facts about a further entity that are no tags, by the text of the entity. */
    public static final String RESOURCE = "resource";
    /** An entity inside the tagger, such as {@link #GLOBAL}. */
    public static final String INTERNAL = "internal";

    /** The form of a prefix, in words for an error. */
    public static final String PREFIX_RULE = "a-z, then any of a-z, 0-9 and '_'";

    /** The most bytes of an entity id in UTF-8, prefix included: a tagger remembers ids for its callers. */
    public static final int MAX_BYTES = 512;

    private static final int MAX_CHARACTER_BYTES = 3; // of a UTF-16 character in UTF-8
    private static final String SEPARATOR = "://";
    private static final int QUOTED = 80;

    /** The entity with the tags of the whole machine, {@code internal://global-entity-id}. */
    public static final EntityId GLOBAL = of(INTERNAL, "global-entity-id");

    private final String text;
    private final String prefix;
    private final int hash; // spares a lookup the load of the string, which caches a hash too

    private EntityId(String text, String prefix) {
        this.text = text;
        this.prefix = prefix;
        this.hash = text.hashCode();
    }

    /**
     * Parses the text of an entity id.
     *
     * @param text {@code prefix://id}
     * @return the id
     * @throws IllegalArgumentException if there is no {@code ://}, the prefix is not {@code [a-z][a-z0-9_]*}, the id is
     *     empty or the text is too long; the message names the fault and quotes the text (the beginning of a long text)
     */
    public static EntityId parse(String text) {
        checkLength(text);
        int end = text.indexOf(SEPARATOR);
        if (end < 0) {
            throw malformed(text, "the '://' is missing");
        }
        checkPrefix(text, end);
        if (text.length() == end + SEPARATOR.length()) {
            throw malformed(text, "nothing follows '://'");
        }
        return new EntityId(text, wellKnown(text.substring(0, end)));
    }

    /**
     * Joins a prefix and an id.
     *
     * @param prefix the kind, {@code [a-z][a-z0-9_]*}
     * @param id the id within the kind; not empty
     * @return the id
     * @throws IllegalArgumentException as {@link #parse} does
     */
    public static EntityId of(String prefix, String id) {
        String text = prefix + SEPARATOR + id;
        checkLength(text);
        checkPrefix(text, prefix.length());
        if (id.isEmpty()) {
            throw malformed(text, "nothing follows '://'");
        }
        return new EntityId(text, wellKnown(prefix));
    }

    /**
     * Names a container.
     *
     * @param id the full container id
     * @return {@code container_id://<id>}
     */
    public static EntityId container(String id) {
        return of(CONTAINER, id);
    }

    /**
     * Names a Kubernetes pod.
     *
     * @param uid the pod's UID
     * @return {@code kubernetes_pod_uid://<uid>}
     */
    public static EntityId pod(String uid) {
        return of(POD, uid);
    }

    /**
     * Names an ECS task.
     *
     * @param arn the task's ARN
     * @return {@code ecs_task://<arn>}
     */
    public static EntityId ecsTask(String arn) {
        return of(ECS_TASK, arn);
    }

    /**
     * Names a host.
     *
     * @param name the host name
     * @return {@code host://<name>}
     */
    public static EntityId host(String name) {
        return of(HOST, name);
    }

    /**
     * Names a process of this machine.
     *
     * @param pid the process number
     * @return {@code process://<pid>}
     */
    public static EntityId process(long pid) {
        return of(PROCESS, Long.toString(pid));
    }

    /**
     * Names a container image.
     *
     * @param id the image id
     * @return {@code container_image_metadata://<id>}
     */
    public static EntityId image(String id) {
        return of(IMAGE, id);
    }

    /**
     * Names a Kubernetes Deployment.
     *
     * @param namespace the namespace
     * @param name the name
     * @return {@code deployment://<namespace>/<name>}
     */
    public static EntityId deployment(String namespace, String name) {
        return of(DEPLOYMENT, namespace + "/" + name);
    }

    /**
     * Names a Kubernetes resource of a kind without a factory here.
     *
     * @param group the API group, empty for the core group
     * @param resource the plural name of the resource type, for instance {@code namespaces}
     * @param namespace the namespace, empty for a cluster-wide resource
     * @param name the name
     * @return {@code kubernetes_metadata://<group>/<resource>/<namespace>/<name>}
     */
    public static EntityId kubernetesMetadata(String group, String resource, String namespace, String name) {
        return of(KUBERNETES_METADATA, group + "/" + resource + "/" + namespace + "/" + name);
    }

    /**
     * Names the facts about an entity that are no tags, and that a name of OpenTelemetry's semantic conventions needs: the
     * names of the entity's tags are attributes, such as {@code k8s.pod.uid}.
     *
     * @param entity the entity
     * @return {@code resource://<entity>}
     * @throws IllegalArgumentException if the text would be longer than {@link #MAX_BYTES}
     */
    public static EntityId resource(EntityId entity) {
        return of(RESOURCE, entity.toString());
    }

    /**
     * Names an entity inside the tagger.
     *
     * @param id the name
     * @return {@code internal://<id>}
     */
    public static EntityId internal(String id) {
        return of(INTERNAL, id);
    }

    /**
     * Says whether a text may be the prefix of an entity id.
     *
     * @param prefix the text
     * @return whether the text matches {@code [a-z][a-z0-9_]*}
     */
    public static boolean isPrefix(String prefix) {
        return firstBad(prefix, prefix.length()) < 0 && !prefix.isEmpty();
    }

    /**
     * The kind of entity.
     *
     * @return the text before {@code ://}
     */
    public String prefix() {
        return prefix;
    }

    /**
     * The id within the kind.
     *
     * @return the text after {@code ://}
     */
    public String id() {
        return text.substring(prefix.length() + SEPARATOR.length());
    }

    /** The whole text, {@code prefix://id}; every call returns the same object. */
    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof EntityId that && hash == that.hash && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** By text. */
    @Override
    public int compareTo(EntityId other) {
        return text.compareTo(other.text);
    }

    static String abbreviate(String text) {
        return text.length() <= QUOTED ? text : text.substring(0, QUOTED) + "... (" + text.length() + " characters)";
    }

    private static void checkLength(String text) {
        if (text.length() > MAX_BYTES
                || text.length() > MAX_BYTES / MAX_CHARACTER_BYTES
                        && text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw malformed(text, "it has more than " + MAX_BYTES + " bytes");
        }
    }

    private static void checkPrefix(String text, int end) {
        if (end == 0) {
            throw malformed(text, "nothing stands before '://'");
        }
        int bad = firstBad(text, end);
        if (bad >= 0) {
            throw malformed(text, "'" + text.charAt(bad) + "' is not allowed in a prefix, " + PREFIX_RULE);
        }
    }

    private static int firstBad(String text, int end) {
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            boolean letter = c >= 'a' && c <= 'z';
            boolean further = c >= '0' && c <= '9' || c == '_';
            if (!letter && !(further && i > 0)) {
                return i;
            }
        }
        return -1;
    }

    /** The shared string of a well-known prefix: the ids of a whole fleet then hold no copies of the prefix. */
    private static String wellKnown(String prefix) {
        return switch (prefix) {
            case CONTAINER -> CONTAINER;
            case POD -> POD;
            case ECS_TASK -> ECS_TASK;
            case HOST -> HOST;
            case PROCESS -> PROCESS;
            case IMAGE -> IMAGE;
            case DEPLOYMENT -> DEPLOYMENT;
            case KUBERNETES_METADATA -> KUBERNETES_METADATA;
            case RESOURCE -> RESOURCE;
            case INTERNAL -> INTERNAL;
            default -> prefix;
        };
    }

    private static IllegalArgumentException malformed(String text, String why) {
        return new IllegalArgumentException(
                "'" + abbreviate(text) + "' is no entity id (prefix://id, such as container_id://3f4a): " + why);
    }
}
