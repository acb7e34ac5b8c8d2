package io.tagger.ipc.server;

import java.time.Duration;

/** The default bounds of a server, with some values of a test. */
final class Limits {
    private Limits() {}

    static IpcSettings.Limits of(int connections, Duration idle) {
        return of(connections, idle, Duration.ofSeconds(20));
    }

    static IpcSettings.Limits of(int connections, Duration idle, Duration heartbeat) {
        IpcSettings.Limits usual = IpcSettings.Limits.defaults();
        Duration request = usual.times().request();
        return new IpcSettings.Limits(
                connections,
                usual.streams(),
                new IpcSettings.Times(idle, idle.compareTo(request) < 0 ? idle : request, heartbeat),
                usual.shared(),
                usual.request());
    }

    static IpcSettings.Limits of(IpcSettings.Shared shared) {
        IpcSettings.Limits usual = IpcSettings.Limits.defaults();
        return new IpcSettings.Limits(usual.connections(), usual.streams(), usual.times(), shared, usual.request());
    }
}
