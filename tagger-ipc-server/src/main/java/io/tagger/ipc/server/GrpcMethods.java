package io.tagger.ipc.server;

import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.MessageLite;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.Service;
import io.vertx.grpc.server.ServiceBuilder;
import java.util.Set;
import java.util.TreeSet;

/** The methods of the gRPC services, with messages as bytes. Not thread-safe. */
final class GrpcMethods {
    private final Set<String> paths = new TreeSet<>();

    static ServiceBuilder service(ServiceDescriptor service) {
        return Service.service(name(service), service);
    }

    private static ServiceName name(ServiceDescriptor service) {
        return ServiceName.create(service.getFile().getPackage(), service.getName());
    }

    /** A method of a service, from now on known by its path. */
    <A extends MessageLite> ServiceMethod<Buffer, A> of(ServiceDescriptor service, String name) {
        paths.add("/" + service.getFullName() + "/" + name);
        return ServiceMethod.server(name(service), name, GrpcMessageEncoder.encoder(), GrpcMessageDecoder.IDENTITY);
    }

    boolean isThere(String path) {
        return paths.contains(path);
    }

    /** The paths of all methods, for an error. */
    @Override
    public String toString() {
        return paths.toString();
    }
}
