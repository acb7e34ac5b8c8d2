package io.tagger.ipc.server;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.reflection.v1.ErrorResponse;
import io.vertx.grpc.reflection.v1.FileDescriptorResponse;
import io.vertx.grpc.reflection.v1.ListServiceResponse;
import io.vertx.grpc.reflection.v1.ServerReflectionRequest;
import io.vertx.grpc.reflection.v1.ServerReflectionResponse;
import io.vertx.grpc.reflection.v1.ServiceResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The descriptions of the gRPC services, by gRPC's reflection protocol, version 1. Immutable. Vert.x's own reflection
 * service answers without regard to a caller that does not read.
 */
final class Reflection {
    /** The longest name of a file or symbol; an answer repeats the question. */
    private static final int LONGEST = 512;

    private final Map<String, FileDescriptor> files = new LinkedHashMap<>();
    private final Map<String, FileDescriptor> symbols = new LinkedHashMap<>();
    private final List<String> services;

    /** Describes services. */
    Reflection(List<ServiceDescriptor> services) {
        this.services =
                services.stream().map(ServiceDescriptor::getFullName).sorted().toList();
        services.forEach(service -> add(service.getFile()));
    }

    private void add(FileDescriptor file) {
        if (files.putIfAbsent(file.getName(), file) != null) {
            return;
        }
        file.getDependencies().forEach(this::add);
        file.getMessageTypes().forEach(message -> add(message, file));
        file.getEnumTypes().forEach(type -> symbols.put(type.getFullName(), file));
        for (ServiceDescriptor service : file.getServices()) {
            symbols.put(service.getFullName(), file);
            for (MethodDescriptor method : service.getMethods()) {
                symbols.put(method.getFullName(), file);
            }
        }
    }

    private void add(Descriptor message, FileDescriptor file) {
        symbols.put(message.getFullName(), file);
        message.getNestedTypes().forEach(nested -> add(nested, file));
        message.getEnumTypes().forEach(type -> symbols.put(type.getFullName(), file));
    }

    /** The answer to a question; a file comes without its dependencies, which have questions of their own. */
    ServerReflectionResponse answer(ServerReflectionRequest question) {
        if (question.getSerializedSize() > LONGEST) {
            return error(GrpcStatus.INVALID_ARGUMENT, "a question here has no more than " + LONGEST + " bytes")
                    .build();
        }
        ServerReflectionResponse.Builder answer =
                switch (question.getMessageRequestCase()) {
                    case LIST_SERVICES -> {
                        ListServiceResponse.Builder all = ListServiceResponse.newBuilder();
                        services.forEach(name ->
                                all.addService(ServiceResponse.newBuilder().setName(name)));
                        yield ServerReflectionResponse.newBuilder().setListServicesResponse(all);
                    }
                    case FILE_BY_FILENAME ->
                        file(files.get(question.getFileByFilename()), question.getFileByFilename());
                    case FILE_CONTAINING_SYMBOL ->
                        file(symbols.get(question.getFileContainingSymbol()), question.getFileContainingSymbol());
                    default -> error(GrpcStatus.UNIMPLEMENTED, "there are no extensions here");
                };
        return answer.setValidHost(question.getHost())
                .setOriginalRequest(question)
                .build();
    }

    private static ServerReflectionResponse.Builder file(@Nullable FileDescriptor file, String name) {
        return file == null
                ? error(GrpcStatus.NOT_FOUND, "there is no '" + name + "'")
                : ServerReflectionResponse.newBuilder()
                        .setFileDescriptorResponse(FileDescriptorResponse.newBuilder()
                                .addFileDescriptorProto(file.toProto().toByteString()));
    }

    private static ServerReflectionResponse.Builder error(GrpcStatus status, String message) {
        return ServerReflectionResponse.newBuilder()
                .setErrorResponse(
                        ErrorResponse.newBuilder().setErrorCode(status.code).setErrorMessage(message));
    }
}
