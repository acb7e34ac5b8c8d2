import io.tagger.api.DefaultTagger;
import io.tagger.api.Tagger;
import java.util.concurrent.locks.LockSupport;

/** The first client in its JVM: how long it takes to open, and to have all entities of the agent. SyncOnce COUNT */
public final class SyncOnce {
    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        long begin = System.nanoTime();
        int threads = Thread.activeCount();
        Tagger tagger = DefaultTagger.init();
        long opened = System.nanoTime();
        var synced = tagger.getClass().getMethod("synced"); // of ClientTagger, in a package of the version measured
        while (!(Boolean) synced.invoke(tagger)) {
            LockSupport.parkNanos(1_000_000);
        }
        long end = System.nanoTime();
        if (tagger.status().entities() < count) {
            throw new IllegalStateException(tagger.status().toString());
        }
        threads = Thread.activeCount() - threads;
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        System.out.printf(
                "%.0f %.0f %.1f %d%n",
                (opened - begin) / 1e6,
                (end - begin) / 1e6,
                (runtime.totalMemory() - runtime.freeMemory()) / 1e6,
                threads);
        System.exit(0);
    }
}
