package com.example.processes;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.CollectorPriority;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tags the processes of daemons with their names: {@code daemon} (low), from the files {@code NAME.pid} of a folder. The system tells of
 * changes to the folder as they happen.
 */
public final class PidFileCollector implements Streamer {
    private volatile Path folder = Path.of("/run");
    private volatile WatchService changes; // null before detect()

    /** Does nothing. */
    public PidFileCollector() {}

    @Override
    public String name() {
        return "pidfiles";
    }

    @Override
    public CollectorPriority priority() {
        return CollectorPriority.NODE_RUNTIME;
    }

    @Override
    public Set<String> entityPrefixes() {
        return Set.of(); // what there is has been told before anybody asks
    }

    @Override
    public void detect(CollectorContext context) throws Exception {
        folder = Path.of(String.valueOf(context.settings().get("folder")));
        if (!Files.isDirectory(folder)) {
            throw CollectorUnavailableException.absent("there is no folder " + folder);
        }
        changes = folder.getFileSystem().newWatchService();
        // Watch first, then list: what changes in between is told by one of the two.
        folder.register(changes, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
    }

    @Override
    public void stream(TagSink sink) throws Exception {
        boolean synced = false;
        while (true) {
            sink.replaceAll(scan());
            if (!synced) {
                sink.synced();
                synced = true;
            }
            WatchKey key = changes.take(); // the host interrupts it in the end
            key.pollEvents(); // which file it was does not matter, nor whether some events were lost: all are read again
            if (!key.reset()) {
                throw new IOException(folder + " is gone");
            }
        }
    }

    /** What the files say now; two of them may name the same process. */
    private List<TagInfo> scan() throws IOException {
        Map<EntityId, TagInfo.Builder> builders = new HashMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.pid")) {
            for (Path file : files) {
                String pid = read(file);
                if (pid.matches("[1-9][0-9]{0,9}")) { // else it is being written just now
                    String daemon = file.getFileName().toString().replaceAll("\\.pid$", "");
                    builders.computeIfAbsent(EntityId.process(Long.parseLong(pid)), entity -> TagInfo.builder(name(), entity))
                            .low("daemon", daemon);
                }
            }
        }
        return builders.values().stream().map(TagInfo.Builder::build).toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return ""; // it has just been removed, or is somebody else's
        }
    }

    @Override
    public void close() throws IOException {
        if (changes != null) {
            changes.close();
        }
    }
}
