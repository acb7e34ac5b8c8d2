package io.tagger.runtime.collect;

import io.tagger.api.CollectorState;
import io.tagger.config.CollectorUse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The change from the present collectors to those of another configuration. A collector with the same settings goes on. Any
 * further collector is started beside its predecessor, which answers until the successor's first detection is over; the
 * tags of the predecessor stay until the successor has synced.
 */
final class Handovers {
    private final Roster before;
    private final Function<HostedUse, HostedCollector> maker;
    private final BiConsumer<UnaryOperator<Roster>, @Nullable HostedCollector> change;
    private final List<String> restarted = new ArrayList<>();
    private final List<String> added = new ArrayList<>();
    private final List<String> removed = new ArrayList<>();
    private final List<String> kept = new ArrayList<>();
    private final List<CompletableFuture<Void>> pending = new ArrayList<>();

    /**
     * Prepares a change.
     *
     * @param maker makes a new collector, with the sources of its predecessor
     * @param change changes the roster, and retires a collector, unless null
     */
    Handovers(
            Roster before,
            Function<HostedUse, HostedCollector> maker,
            BiConsumer<UnaryOperator<Roster>, @Nullable HostedCollector> change) {
        this.before = before;
        this.maker = maker;
        this.change = change;
    }

    /**
     * Carries out the change.
     *
     * @param uses the collectors of the new configuration
     * @param areOthers whether settings of all collectors are others
     * @return completes when the first detection of each new collector is over
     */
    CompletableFuture<Reloaded> to(List<HostedUse> uses, boolean areOthers) {
        for (HostedUse use : uses) {
            HostedCollector present = before.named(use.plugin().name()).orElse(null);
            if (present == null) {
                added.add(use.plugin().name());
                begin(use, null);
            } else if (!areOthers && present.use().isSame(use)) {
                kept.add(present.name());
            } else {
                restarted.add(present.name());
                begin(use, present);
            }
        }
        for (HostedCollector present : before.all()) {
            if (uses.stream().noneMatch(use -> use.plugin().name().equals(present.name()))) {
                removed.add(present.name());
                change.accept(roster -> roster.without(present.name()), present);
                present.milestones().takeSynced().run();
                present.sources().withdraw();
            }
        }
        return CompletableFuture.allOf(pending.toArray(CompletableFuture[]::new))
                .thenApply(nothing -> new Reloaded(restarted, added, removed, kept));
    }

    private void begin(HostedUse use, @Nullable HostedCollector predecessor) {
        HostedCollector successor = maker.apply(use);
        if (use.use() == CollectorUse.OFF) {
            change.accept(roster -> roster.with(successor), predecessor);
            if (predecessor != null) {
                predecessor.milestones().takeSynced().run();
            }
            withdraw(predecessor);
            return;
        }
        if (predecessor == null) {
            change.accept(roster -> roster.with(successor), null);
        }
        CompletableFuture<Void> over = new CompletableFuture<>();
        pending.add(over);
        int last = predecessor == null ? 0 : lastInstance(predecessor);
        successor.start(() -> {
            if (predecessor != null) {
                change.accept(roster -> roster.with(successor), predecessor);
                hand(predecessor, successor, last + 1);
            }
            over.complete(null);
        });
    }

    /** The number that no later instance of a collector with a successor can have. */
    private static int lastInstance(HostedCollector predecessor) {
        predecessor.leaveRestartsToSuccessor();
        return predecessor.sources().nextInstance();
    }

    /**
     * Hands over after the successor's first detection, which may have failed. A task of the predecessor for the next sync,
     * the withdrawal of a former predecessor, is the successor's from now on.
     */
    private void hand(HostedCollector predecessor, HostedCollector successor, int first) {
        boolean isOther = successor.sources() != predecessor.sources(); // of another priority
        Runnable inherited = predecessor.milestones().takeSynced();
        Runnable withdrawal = () -> {
            inherited.run();
            withdraw(isOther ? predecessor : null);
        };
        if (successor.status().state() == CollectorState.ABSENT) {
            inherited.run();
            withdraw(predecessor);
        } else if (successor.isFetchOnly()) {
            predecessor.sources().own().answersFrom(first);
            successor
                    .milestones()
                    .whenSynced(
                            () -> Refetch.begin(successor, predecessor.sources().own(), withdrawal));
        } else {
            successor.milestones().whenSynced(withdrawal);
        }
    }

    private static void withdraw(@Nullable HostedCollector collector) {
        if (collector != null) {
            collector.sources().withdraw();
        }
    }
}
