package io.tagger.collectors.containerd;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.tagger.collectors.common.RootCause;
import io.tagger.collectors.grpc.UnixChannel;
import io.tagger.collectors.grpc.containerd.Container;
import io.tagger.collectors.grpc.containerd.ContainersGrpc;
import io.tagger.collectors.grpc.containerd.ContentGrpc;
import io.tagger.collectors.grpc.containerd.Descriptor;
import io.tagger.collectors.grpc.containerd.Envelope;
import io.tagger.collectors.grpc.containerd.EventsGrpc;
import io.tagger.collectors.grpc.containerd.GetContainerRequest;
import io.tagger.collectors.grpc.containerd.GetImageRequest;
import io.tagger.collectors.grpc.containerd.ImagesGrpc;
import io.tagger.collectors.grpc.containerd.ListContainersRequest;
import io.tagger.collectors.grpc.containerd.ListNamespacesRequest;
import io.tagger.collectors.grpc.containerd.Namespace;
import io.tagger.collectors.grpc.containerd.NamespacesGrpc;
import io.tagger.collectors.grpc.containerd.ReadContentRequest;
import io.tagger.collectors.grpc.containerd.SubscribeRequest;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Asks containerd over its socket. Thread-safe. */
final class ContainerdClient implements Closeable {
    private static final Metadata.Key<String> NAMESPACE =
            Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);

    private final Path socket;
    private final Duration timeout;
    private final ManagedChannel channel;

    /**
     * Prepares the connection, without a request.
     *
     * @param timeout the time within which a request must be answered
     * @param executor runs the callbacks of events
     */
    ContainerdClient(Path socket, Duration timeout, Executor executor) {
        this.socket = socket;
        this.timeout = timeout;
        this.channel = UnixChannel.open(socket, executor);
    }

    /** The channel for requests about a namespace. */
    private Channel within(String namespace) {
        Metadata headers = new Metadata();
        headers.put(NAMESPACE, namespace);
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    /** The names of all namespaces. */
    List<String> namespaces() throws IOException {
        return asked(() -> NamespacesGrpc.newBlockingStub(channel)
                .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .list(ListNamespacesRequest.getDefaultInstance())
                .getNamespacesList()
                .stream()
                .map(Namespace::getName)
                .toList());
    }

    /** The containers of a namespace. */
    List<ContainerdContainer> containers(String namespace) throws IOException {
        return asked(() -> {
            List<ContainerdContainer> containers = new ArrayList<>();
            ContainersGrpc.newBlockingStub(within(namespace))
                    .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .listStream(ListContainersRequest.getDefaultInstance())
                    .forEachRemaining(
                            message -> containers.add(ContainerdContainer.of(namespace, message.getContainer())));
            return containers;
        });
    }

    /** A container; empty if there is none with this id. */
    Optional<ContainerdContainer> container(ContainerdContainer.Key key) throws IOException {
        return found(() -> {
            Container container = ContainersGrpc.newBlockingStub(within(key.namespace()))
                    .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .get(GetContainerRequest.newBuilder().setId(key.id()).build())
                    .getContainer();
            return ContainerdContainer.of(key.namespace(), container);
        });
    }

    /** The manifest or index of an image; empty if the image is gone. */
    Optional<Descriptor> image(String namespace, String name) throws IOException {
        return found(() -> ImagesGrpc.newBlockingStub(within(namespace))
                .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .get(GetImageRequest.newBuilder().setName(name).build())
                .getImage()
                .getTarget());
    }

    /** A blob; empty if it is not on this machine. */
    Optional<ByteString> blob(String namespace, String digest) throws IOException {
        return found(() -> {
            List<ByteString> parts = new ArrayList<>();
            ContentGrpc.newBlockingStub(within(namespace))
                    .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .read(ReadContentRequest.newBuilder().setDigest(digest).build())
                    .forEachRemaining(part -> parts.add(part.getData()));
            return ByteString.copyFrom(parts);
        });
    }

    /** Begins to receive the events about containers of all namespaces, on the executor. */
    void subscribe(StreamObserver<Envelope> events) {
        EventsGrpc.newStub(channel)
                .subscribe(
                        SubscribeRequest.newBuilder()
                                .addFilters("topic~=\"^/containers/\"")
                                .build(),
                        events);
    }

    private <T> Optional<T> found(Supplier<T> question) throws IOException {
        try {
            return Optional.of(question.get());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                return Optional.empty();
            }
            throw failure(e);
        }
    }

    private <T> T asked(Supplier<T> question) throws IOException {
        try {
            return question.get();
        } catch (StatusRuntimeException e) {
            throw failure(e);
        }
    }

    /** The failure in words. */
    IOException failure(Throwable failure) {
        String why = RootCause.words(failure);
        if (failure instanceof StatusRuntimeException known) {
            Status status = known.getStatus();
            why = switch (status.getCode()) {
                case DEADLINE_EXCEEDED -> "no answer within " + timeout.toMillis() + " ms";
                case UNIMPLEMENTED -> "the service is missing; is this containerd's socket?";
                default ->
                    status.getCause() == null
                            ? status.getCode() + ", " + status.getDescription()
                            : RootCause.words(status.getCause());
            };
        }
        return new IOException(this + " can't be asked: " + why, failure);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    @Override
    public String toString() {
        return "containerd at " + socket;
    }
}
