package io.tagger.benchmarks;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The entities and the infos of the benchmarks. The seed determines all data: two runs see the same. Every call makes
 * new strings, like a collector after a read from a socket.
 */
final class Workload {
    static final String DOCKER = "docker";
    static final String KUBERNETES = "kubernetes";

    /** The average number of similar containers: the replicas of a deployment on a node, and restarted containers. */
    private static final int REPLICAS = 50;

    /** Random tags are made of so many names, and so many values each. */
    private static final int RANDOM = 100;

    private final Random random;

    Workload(long seed) {
        random = new Random(seed);
    }

    /** A container id in Docker's form: 64 hexadecimal digits. */
    static String containerId(int number) {
        StringBuilder id = new StringBuilder(64);
        for (long part = 1; part <= 4; part++) {
            long mixed = (number * 4L + part) * 0x9e3779b97f4a7c15L;
            mixed = (mixed ^ mixed >>> 32) * 0xd6e8feb86659fd93L;
            id.append(String.format("%016x", mixed ^ mixed >>> 29));
        }
        return id.toString();
    }

    static EntityId container(int number) {
        return EntityId.container(containerId(number));
    }

    static List<EntityId> containers(int count) {
        List<EntityId> ids = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ids.add(container(i));
        }
        return ids;
    }

    /**
     * Docker's tags of a container: 8 tags, 6 of them shared with its replicas. {@code version} makes the same
     * container's next state.
     */
    static TagInfo docker(EntityId entity, int number, int version) {
        String image = "registry.example.com/shop/service-" + number / REPLICAS;
        return TagInfo.builder(DOCKER, entity)
                .low("docker_image", image + ":1." + version)
                .low("image_name", image)
                .low("short_image", "service-" + number / REPLICAS)
                .low("image_tag", "1." + version)
                .low("image_id", "sha256:" + containerId(number / REPLICAS))
                .low("runtime", "runc")
                .high("container_id", entity.id())
                .high("container_name", "k8s_service-" + number / REPLICAS + "_pod-" + number)
                .build();
    }

    /** Kubernetes's tags of a container: 16 tags, 14 of them shared with its replicas. */
    static TagInfo kubernetes(EntityId entity, int number, int version) {
        int service = number / REPLICAS;
        return TagInfo.builder(KUBERNETES, entity)
                .standard("env", "production")
                .standard("service", "service-" + service)
                .standard("version", "1." + version)
                .low("kube_namespace", "shop-" + service % 7)
                .low("kube_deployment", "service-" + service)
                .low("kube_container_name", "service-" + service)
                .low("kube_ownerref_kind", "replicaset")
                .low("kube_replica_set", "service-" + service + "-6d4cf56db6")
                .low("kube_service", "service-" + service)
                .low("kube_qos", "burstable")
                .low("pod_phase", "running")
                .low("kube_app_name", "service-" + service)
                .low("team", "team-" + service % 20)
                .low("cost_center", "cc-" + service % 20)
                .orchestrator("pod_name", "service-" + service + "-6d4cf56db6-" + number)
                .high("display_container_name", "service-" + service + "_service-" + service + "-6d4cf56db6-" + number)
                .build();
    }

    /**
     * Four lists of 0 to 4 random tags each, of 10,000 different tags: the shape of the tag-store benchmark of the
     * Datadog Agent.
     */
    TagInfo randomInfo(String source, EntityId entity) {
        TagInfo.Builder info = TagInfo.builder(source, entity);
        for (int i = random.nextInt(5); i > 0; i--) {
            info.low(randomName(), randomValue());
        }
        for (int i = random.nextInt(5); i > 0; i--) {
            info.orchestrator(randomName(), randomValue());
        }
        for (int i = random.nextInt(5); i > 0; i--) {
            info.high(randomName(), randomValue());
        }
        for (int i = random.nextInt(5); i > 0; i--) {
            info.standard(randomName(), randomValue());
        }
        return info.build();
    }

    int next(int bound) {
        return random.nextInt(bound);
    }

    <T> List<T> shuffled(List<T> list) {
        List<T> shuffled = new ArrayList<>(list);
        Collections.shuffle(shuffled, random);
        return shuffled;
    }

    private String randomName() {
        return "name" + random.nextInt(RANDOM);
    }

    private String randomValue() {
        return "value" + random.nextInt(RANDOM);
    }
}
