/**
 * Serves a {@link io.tagger.api.Tagger} on a Unix socket. The entrance is {@link io.tagger.ipc.server.IpcServer}.
 */
@NullMarked
package io.tagger.ipc.server;

import org.jspecify.annotations.NullMarked;
