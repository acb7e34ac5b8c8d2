package io.tagger.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A log with each line at most once in 30 s, and then with the count of the omitted lines: a caller can't fill a disk by
 * a warning caused again and again. Lines with a difference in numbers alone, hexadecimal or decimal, count as equal. The
 * lines of a stack trace belong to the line before. Thread-safe.
 */
final class RepeatedLines extends OutputStream {
    private static final long WINDOW_NANOS = 30_000_000_000L;

    /** Different lines in a window; with more, the eldest window ends early. */
    private static final int MOST = 1_000;

    private static final int LONGEST = 64 * 1024;
    /** The begin of a record, as text or as JSON. */
    private static final Pattern TIME = Pattern.compile("^(?:\\d{4}-\\d\\d-\\d\\dT\\S+ |\\{\"time\":\"[^\"]*\",)");
    /** Decimal numbers; hexadecimal numbers such as the ids of connections and containers. */
    private static final Pattern NUMBERS = Pattern.compile("0x\\p{XDigit}+|\\b\\p{XDigit}{8,}\\b|\\d+");

    /** The lines of {@link Throwable#printStackTrace()} after the first, which is a class name with a message. */
    private static final Pattern TRACE =
            Pattern.compile("^(?:\\s|Caused by: |Suppressed: |\\[CIRCULAR REFERENCE|[\\w.$]+(?:Exception|Error)\\b).*");

    private final PrintStream to;
    private final LongSupplier nanoTime;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(); // guarded by this
    private final Map<String, Window> windows = new LinkedHashMap<>(); // guarded by this; eldest first
    private boolean isOmitted; // guarded by this; whether the last line with a time was left out

    private static final class Window {
        final long since;
        final String first;
        long omitted;

        Window(long since, String first) {
            this.since = since;
            this.first = first;
        }
    }

    RepeatedLines(PrintStream to, LongSupplier nanoTime) {
        this.to = to;
        this.nanoTime = nanoTime;
    }

    /** Puts this log in place of the standard error output of the process. */
    static void install() {
        RepeatedLines log = new RepeatedLines(System.err, System::nanoTime);
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        Thread thread = new Thread(log::endWindowsForEver, "tagger-log");
        thread.setDaemon(true);
        thread.start();
        Runtime.getRuntime().addShutdownHook(new Thread(log::end, "tagger-log-end"));
    }

    private void endWindowsForEver() {
        while (true) {
            LockSupport.parkNanos(WINDOW_NANOS / 6);
            Thread.interrupted(); // by a plugin that interrupts all threads
            tell();
        }
    }

    /** Prints the counts that are due. */
    synchronized void tell() {
        endWindows(nanoTime.getAsLong());
    }

    /** Prints all counts. */
    synchronized void end() {
        endWindows(nanoTime.getAsLong() + WINDOW_NANOS);
    }

    @Override
    public synchronized void write(int b) {
        if (b == '\n' || line.size() >= LONGEST) {
            pass(line.toString(StandardCharsets.UTF_8));
            line.reset();
        }
        if (b != '\n') {
            line.write(b);
        }
    }

    @Override
    public void flush() throws IOException {
        to.flush();
    }

    private void pass(String text) {
        long now = nanoTime.getAsLong();
        endWindows(now);
        if (TIME.matcher(text).lookingAt()) {
            isOmitted = isRepeated(text, now);
        } else if (!TRACE.matcher(text).matches()) {
            isOmitted = false;
        }
        if (!isOmitted) {
            to.println(text);
        }
    }

    private boolean isRepeated(String text, long now) {
        String key = NUMBERS.matcher(TIME.matcher(text).replaceFirst("")).replaceAll("#");
        Window window = windows.get(key);
        if (window == null) {
            windows.put(key, new Window(now, text));
            return false;
        }
        window.omitted++;
        return true;
    }

    /** A line with the number of repetitions; of a JSON object, as a member. */
    private static String counted(String line, long omitted) {
        return line.startsWith("{") && line.endsWith("}")
                ? line.substring(0, line.length() - 1) + ",\"repeated\":" + omitted + "}"
                : line + " (" + omitted + " more times)";
    }

    private void endWindows(long now) {
        Iterator<Window> eldest = windows.values().iterator();
        @Nullable Window next = eldest.hasNext() ? eldest.next() : null;
        while (next != null && (now - next.since >= WINDOW_NANOS || windows.size() > MOST)) {
            eldest.remove();
            if (next.omitted > 0) {
                to.println(counted(next.first, next.omitted));
            }
            next = eldest.hasNext() ? eldest.next() : null;
        }
    }
}
