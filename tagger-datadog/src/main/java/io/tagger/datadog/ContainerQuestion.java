package io.tagger.datadog;

import io.tagger.api.EntityId;
import io.tagger.datadog.wire.GenerateContainerIDFromOriginInfoRequest;
import io.tagger.datadog.wire.GenerateContainerIDFromOriginInfoRequest.ExternalData;
import io.tagger.datadog.wire.GenerateContainerIDFromOriginInfoRequest.LocalData;
import io.tagger.origin.Claim;
import io.tagger.origin.Origin;
import io.tagger.origin.OriginException;
import io.tagger.origin.Origins;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Finds the container of a program by the facts from the program, in the order of a core agent: the container's id, the process,
 * the inode of the cgroup, then the name of the container with its pod. The first fact that leads to a container counts.
 */
final class ContainerQuestion {
    private final List<Supplier<CompletionStage<Origin>>> ways = new ArrayList<>();
    private final String given;

    ContainerQuestion(GenerateContainerIDFromOriginInfoRequest request, Origins origins) {
        LocalData local = request.getLocalData();
        ExternalData external = request.getExternalData();
        given = local.getContainerID();
        if (local.getProcessID() != 0) {
            ways.add(() -> origins.ofProcess(Integer.toUnsignedLong(local.getProcessID())));
        }
        if (local.getInode() != 0) {
            ways.add(() ->
                    origins.ofClaim(new Claim(OptionalLong.of(local.getInode()), Optional.empty(), Optional.empty())));
        }
        String pod = external.getPodUID().isEmpty() ? local.getPodUID() : external.getPodUID();
        Claim.workload(pod, external.getContainerName())
                .ifPresent(named -> ways.add(
                        () -> origins.ofClaim(new Claim(OptionalLong.empty(), Optional.empty(), Optional.of(named)))));
    }

    /**
     * The container's id.
     *
     * @return fails with an {@link IllegalArgumentException} if the question names nothing, and with an {@link
     *     OriginException} if no container is found
     */
    CompletionStage<String> answer() {
        if (!given.isEmpty()) {
            return CompletableFuture.completedFuture(given);
        }
        if (ways.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new IllegalArgumentException(
                            "an origin is named by a container id, a process, an inode, or by a pod and the name of a container"));
        }
        return next(0, new ArrayList<>());
    }

    private CompletionStage<String> next(int way, List<String> missing) {
        if (way == ways.size()) {
            return CompletableFuture.failedFuture(new OriginException(String.join("; ", missing)));
        }
        return ways.get(way)
                .get()
                .handle((origin, error) -> {
                    if (origin != null && origin.entity().prefix().equals(EntityId.CONTAINER)) {
                        return CompletableFuture.completedFuture(origin.entity().id());
                    }
                    missing.add(error == null ? origin.entity() + " is no container" : message(error));
                    return next(way + 1, missing);
                })
                .thenCompose(found -> found);
    }

    private static String message(Throwable error) {
        return String.valueOf(
                error instanceof CompletionException && error.getCause() != null
                        ? error.getCause().getMessage()
                        : error.getMessage());
    }
}
