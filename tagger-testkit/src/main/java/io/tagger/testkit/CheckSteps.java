package io.tagger.testkit;

import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The steps common to several {@link CollectorCheck}s. */
final class CheckSteps {
    private static final int MAX_TAGS = 10_000; // tagger.collect.max-tags, of all levels together
    private static final int MAX_TAG_BYTES = 1_048_576; // tagger.collect.max-tag-bytes

    private CheckSteps() {}

    /** A check on a collector with a detected source. */
    interface Use {
        void of(Collector collector, RecordingSink sink) throws Exception;
    }

    /** Runs a check on a collector with a detected source. */
    static void use(CollectorCheck.Subject subject, Use use) throws Exception {
        Collector collector = subject.make();
        Throwable broken = null;
        try (TestContext context = new TestContext(subject.settings())) {
            detect(collector, context, subject.limits());
            use.of(collector, new RecordingSink(collector.name()));
        } catch (Throwable e) {
            broken = e;
            throw e;
        } finally {
            closeAfter(broken, collector, subject.limits());
        }
    }

    /** Closes the collector; an earlier failure is more interesting than a failure of the close. */
    static void closeAfter(@Nullable Throwable broken, Collector collector, CollectorCheck.Limits limits)
            throws Exception {
        try {
            close(collector, limits);
        } catch (Throwable e) {
            if (broken == null) {
                throw e;
            }
            broken.addSuppressed(e);
        }
    }

    static void detect(Collector collector, CollectorContext context, CollectorCheck.Limits limits) throws Exception {
        CollectorRun.within(limits.step(), "detect()", () -> {
            collector.detect(context);
            return true;
        });
    }

    static void close(Collector collector, CollectorCheck.Limits limits) throws Exception {
        CollectorRun.within(limits.step(), "close()", () -> {
            collector.close();
            return true;
        });
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    static void validate(Collector collector, TagInfo info) {
        String speaker = info.source().split("/", 2)[0];
        require(
                speaker.equals(collector.name()),
                "an info on " + info.entity() + " has the source '" + info.source() + "' instead of '"
                        + collector.name() + "'");
        List<String> tags = new ArrayList<>(info.low());
        tags.addAll(info.orchestrator());
        tags.addAll(info.high());
        require(
                tags.size() <= MAX_TAGS,
                info.entity() + " has " + tags.size() + " tags, more than " + MAX_TAGS
                        + ": such a list belongs into a source that programs ask themselves");
        int bytes = tags.stream()
                .mapToInt(tag -> tag.getBytes(StandardCharsets.UTF_8).length)
                .sum();
        require(
                bytes <= MAX_TAG_BYTES,
                "the tags of " + info.entity() + " have " + bytes + " bytes, more than " + MAX_TAG_BYTES
                        + "; the host would leave out the longest tags");
    }

    /** The number of open files and connections of this process; 0 if the system does not show the number. */
    static int openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return (int) files.count();
        } catch (IOException e) {
            return 0;
        }
    }
}
