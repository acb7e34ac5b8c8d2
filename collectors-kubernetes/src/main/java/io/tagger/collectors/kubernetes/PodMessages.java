package io.tagger.collectors.kubernetes;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import io.tagger.collectors.grpc.kubernetes.Container;
import io.tagger.collectors.grpc.kubernetes.ContainerResizePolicy;
import io.tagger.collectors.grpc.kubernetes.ContainerStatus;
import io.tagger.collectors.grpc.kubernetes.EnvVar;
import io.tagger.collectors.grpc.kubernetes.EphemeralContainer;
import io.tagger.collectors.grpc.kubernetes.ObjectMeta;
import io.tagger.collectors.grpc.kubernetes.PodSpec;
import io.tagger.collectors.grpc.kubernetes.PodStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the binary form of a pod. */
final class PodMessages {
    private PodMessages() {}

    /**
     * Reads a pod.
     *
     * @throws io.grpc.StatusRuntimeException if the bytes are no pod
     */
    static Pod pod(ByteString bytes) {
        try {
            var message = io.tagger.collectors.grpc.kubernetes.Pod.parseFrom(bytes);
            return new Pod(metadata(message.getMetadata()), spec(message.getSpec()), status(message.getStatus()));
        } catch (InvalidProtocolBufferException e) {
            throw Status.DATA_LOSS
                    .withDescription("a pod can't be read: " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    private static Pod.Metadata metadata(ObjectMeta metadata) {
        return new Pod.Metadata(
                metadata.getName(),
                metadata.getNamespace(),
                metadata.getUid(),
                metadata.getLabelsMap(),
                metadata.getAnnotationsMap(),
                metadata.getOwnerReferencesList().stream()
                        .map(owner -> new Pod.Owner(owner.getKind(), owner.getName()))
                        .toList());
    }

    private static Pod.Spec spec(PodSpec spec) {
        return Pod.Spec.of(
                spec.getPriorityClassName(),
                spec.getRuntimeClassName(),
                spec.getNodeName(),
                spec.getServiceAccountName(),
                containers(spec.getContainersList()),
                containers(spec.getInitContainersList()),
                containers(spec.getEphemeralContainersList().stream()
                        .map(EphemeralContainer::getEphemeralContainerCommon)
                        .toList()),
                spec.getVolumesList().stream()
                        .filter(volume -> volume.getVolumeSource().hasPersistentVolumeClaim())
                        .map(volume -> new Pod.Volume(new Pod.Claim(volume.getVolumeSource()
                                .getPersistentVolumeClaim()
                                .getClaimName())))
                        .toList());
    }

    private static List<Pod.Container> containers(List<Container> containers) {
        return containers.stream()
                .map(container -> new Pod.Container(
                        container.getName(),
                        container.getImage(),
                        container.getEnvList().stream()
                                .map(PodMessages::variable)
                                .toList(),
                        container.getResources().getRequestsMap().keySet(),
                        resizing(container)))
                .toList();
    }

    private static Map<String, String> resizing(Container container) {
        Map<String, String> policies = new LinkedHashMap<>();
        for (ContainerResizePolicy policy : container.getResizePolicyList()) {
            policies.put(policy.getResourceName(), policy.getRestartPolicy());
        }
        return policies;
    }

    private static Pod.Variable variable(EnvVar variable) {
        return new Pod.Variable(
                variable.getName(),
                variable.getValue(),
                variable.hasValueFrom()
                        ? new Pod.ValueSource(
                                variable.getValueFrom().hasFieldRef()
                                        ? new Pod.FieldReference(variable.getValueFrom()
                                                .getFieldRef()
                                                .getFieldPath())
                                        : null)
                        : null);
    }

    private static Pod.Status status(PodStatus status) {
        return Pod.Status.of(
                status.getPhase(),
                status.getQosClass(),
                status.getPodIp(),
                status.getHostIp(),
                statuses(status.getContainerStatusesList()),
                statuses(status.getInitContainerStatusesList()),
                statuses(status.getEphemeralContainerStatusesList()));
    }

    private static List<Pod.ContainerStatus> statuses(List<ContainerStatus> statuses) {
        return statuses.stream()
                .map(status -> new Pod.ContainerStatus(
                        status.getName(),
                        status.getContainerId(),
                        status.getImageId(),
                        status.getState().hasTerminated()))
                .toList();
    }
}
