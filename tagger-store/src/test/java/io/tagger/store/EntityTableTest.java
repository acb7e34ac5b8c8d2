package io.tagger.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.EntityId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Tests the table alone, in a single thread. */
class EntityTableTest {
    private static final int MANY = 5_000;

    private final EntityTable table = new EntityTable();

    @Test
    void many_afterRemovalsAndRebuilds_areFoundByIdAndByText() {
        List<Snapshot> snapshots = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            snapshots.add(add("c" + i));
            if (table.isCrowded()) {
                table.rebuild();
            }
        }
        for (int i = 0; i < MANY; i += 2) {
            table.remove(snapshots.get(i));
        }
        assertThat(table.isCrowded()).as("half of it is gone").isFalse();
        table.remove(snapshots.get(1));
        table.rebuild();

        assertThat(table.size()).isEqualTo(MANY / 2 - 1);
        for (int i = 0; i < MANY; i++) {
            Snapshot expected = i % 2 == 0 || i == 1 ? null : snapshots.get(i);
            assertThat(table.find(EntityId.container("c" + i))).isSameAs(expected);
            assertThat(table.find("container_id://c" + i)).isSameAs(expected);
        }
    }

    @Test
    void entitiesOfOneHash_areToldApart() {
        // "Aa" and "BB" have the same hash, and so have all their combinations of equal length.
        List<Snapshot> snapshots = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            StringBuilder id = new StringBuilder();
            for (int bit = 0; bit < 8; bit++) {
                id.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            snapshots.add(add(id.toString()));
        }
        assertThat(snapshots.stream().map(snapshot -> snapshot.hash).distinct()).hasSize(1);
        table.remove(snapshots.get(0));
        assertThat(table.find(snapshots.get(0).entity)).isNull();
        for (Snapshot snapshot : snapshots.subList(1, 256)) {
            assertThat(table.find(snapshot.entity.toString())).isSameAs(snapshot);
        }
    }

    @Test
    void flood_ofEntitiesOfOneHash_amongOthers_agreesWithAMap() {
        Random random = new Random(19);
        Map<String, Snapshot> model = new HashMap<>();
        for (int step = 0; step < 60_000; step++) {
            int number = random.nextInt(4_000);
            String id = random.nextInt(3) > 0 ? sameHash(number) : "c" + number;
            Snapshot before = model.get(id);
            if (before == null) {
                model.put(id, add(id));
            } else if (random.nextInt(3) == 0) {
                table.remove(model.remove(id));
            } else {
                Snapshot now = snapshot(id);
                table.replace(before, now);
                model.put(id, now);
            }
            if (table.isCrowded() || random.nextInt(2_000) == 0) {
                table.rebuild();
            }
        }
        Map<String, Snapshot> visited = new HashMap<>();
        table.forEach(snapshot -> assertThat(visited.put(snapshot.entity.id(), snapshot))
                .as("visited twice")
                .isNull());
        assertThat(visited).isEqualTo(model);
        assertThat(table.size()).isEqualTo(model.size());
        for (int number = 0; number < 4_000; number++) {
            for (String id : List.of(sameHash(number), "c" + number)) {
                assertThat(table.find(EntityId.container(id))).isSameAs(model.get(id));
                assertThat(table.find("container_id://" + id)).isSameAs(model.get(id));
            }
        }
    }

    @Test
    void readers_duringRebuildsOfAFloodedTable_missNothing() throws Exception {
        int stay = 200;
        List<Snapshot> snapshots = new ArrayList<>();
        for (int i = 0; i < 2 * stay; i++) {
            snapshots.add(add(sameHash(i)));
        }
        AtomicBoolean isOver = new AtomicBoolean();
        ExecutorService reader = Executors.newSingleThreadExecutor();
        Future<Integer> looks = reader.submit(() -> {
            int count = 0;
            while (!isOver.get() || count < stay) {
                Snapshot expected = snapshots.get(2 * (count++ % stay));
                assertThat(table.find(expected.entity.toString())).isSameAs(expected);
                assertThat(table.find(expected.entity)).isSameAs(expected);
                Set<String> visited = new HashSet<>();
                if (count % stay == 0) {
                    table.forEach(snapshot -> visited.add(snapshot.entity.id()));
                    assertThat(visited).hasSizeGreaterThanOrEqualTo(stay).contains(expected.entity.id());
                }
            }
            return count;
        });
        for (int round = 0;
                round < 300;
                round++) { // odd entities go and come, so that even ones move between the places
            for (int i = 1; i < 2 * stay; i += 2) {
                table.remove(snapshots.get(i));
            }
            table.rebuild();
            for (int i = 1; i < 2 * stay; i += 2) {
                snapshots.set(i, add(sameHash(i)));
            }
            table.rebuild();
        }
        isOver.set(true);
        assertThat(looks.get(60, TimeUnit.SECONDS)).isPositive();
        reader.shutdown();
    }

    /** Texts with one hash code. */
    private static String sameHash(int number) {
        StringBuilder id = new StringBuilder();
        for (int bit = 0; bit < 16; bit++) {
            id.append((number >> bit & 1) == 0 ? "Aa" : "BB");
        }
        return id.toString();
    }

    @Test
    void replaced_isFoundAnewAndLetsTheNewOneGo() {
        Snapshot first = add("c1");
        Snapshot second = snapshot("c1");
        table.replace(first, second);
        assertThat(table.find(first.entity)).isSameAs(second);
        assertThat(first.next).as("a handle may keep the first one for long").isSameAs(Snapshot.REPLACED);
        table.remove(second);
        assertThat(table.find(first.entity)).isNull();
        assertThat(table.size()).isZero();
        assertThat(add("c1")).isSameAs(table.find(first.entity));
    }

    @Test
    void forEach_passesOnWhatIsThere() {
        Set<String> there = new HashSet<>();
        table.remove(add("gone"));
        Snapshot old = add("c1");
        table.replace(old, snapshot("c1"));
        add("c2");
        table.forEach(snapshot -> there.add(snapshot.entity.id()));
        assertThat(there).containsExactlyInAnyOrder("c1", "c2");
    }

    @Test
    void marker_isNoEntity() {
        table.remove(add("c1"));
        table.remove(add("c2"));
        assertThat(table.find(Snapshot.REMOVED.entity.toString())).isNull();
        assertThat(table.find("")).isNull();
        assertThat(table.find("no entity")).isNull();
    }

    @Test
    void mostlyRemoved_isCrowded_andShrinks() {
        List<Snapshot> snapshots = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            snapshots.add(add("c" + i));
            if (table.isCrowded()) {
                table.rebuild();
            }
        }
        for (int i = 0; i < MANY; i++) {
            if (i % 3 > 0) {
                table.remove(snapshots.get(i));
            }
        }
        assertThat(table.isCrowded()).isTrue();
        table.rebuild();
        assertThat(table.isCrowded()).isFalse();
        assertThat(table.size()).isEqualTo((MANY + 2) / 3);
    }

    private Snapshot add(String id) {
        Snapshot snapshot = snapshot(id);
        table.add(snapshot);
        return snapshot;
    }

    private static Snapshot snapshot(String id) {
        return new Snapshot(EntityId.container(id), new Entry[0]);
    }
}
