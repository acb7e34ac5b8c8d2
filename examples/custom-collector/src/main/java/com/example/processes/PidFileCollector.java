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
 * Tags the processes of daemons with their names: {@code daemon} (low), from the files {@code NAME.pid} of a folder.
 * The system reports changes of the folder as they happen.
 */
public final class PidFileCollector implements Streamer {
    private volatile Path folder = Path.of("/run");
    private volatile WatchService changes; // null before detect()

    /** Makes a collector, without any effect. */
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
        return Set.of(); // the stream has sent all processes before the first miss
    }

    @Override
    public void detect(CollectorContext context) throws Exception {
        folder = Path.of(String.valueOf(context.settings().get("folder")));
        if (!Files.isDirectory(folder)) {
            throw CollectorUnavailableException.absent("there is no folder " + folder);
        }
        changes = folder.getFileSystem().newWatchService();
        // Watch first, then list: a change in between is then in the list or in the events.
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
            WatchKey key = changes.take(); // the host interrupts the wait in the end
            key.pollEvents(); // neither the changed file nor a lost event matters: all files are read again
            if (!key.reset()) {
                throw new IOException(folder + " is gone");
            }
        }
    }

    /** The content of all files; two files may name the same process. */
    private List<TagInfo> scan() throws IOException {
        Map<EntityId, TagInfo.Builder> builders = new HashMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.pid")) {
            for (Path file : files) {
                String pid = read(file);
                if (pid.matches("[1-9][0-9]{0,9}")) { // else the file is being written
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
            return ""; // the file was just removed, or belongs to another program
        }
    }

    @Override
    public void close() throws IOException {
        if (changes != null) {
            changes.close();
        }
    }
}
