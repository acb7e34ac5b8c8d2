/** Channels to gRPC servers on Unix sockets: a kubelet, containerd. */
@org.jspecify.annotations.NullMarked
package io.tagger.collectors.grpc;
