package io.tagger.concurrency;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagHandle;
import io.tagger.api.TagInfo;
import io.tagger.store.Source;
import io.tagger.store.TagStore;
import io.tagger.store.Ticket;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** The operations of a store on one entity, called by Lincheck in any order, from any thread. */
@Param(name = "value", gen = IntGen.class, conf = "1:2")
public final class StoreOperations {
    private static final EntityId ENTITY = EntityId.container("c1");

    private final TagStore store = new TagStore(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC), 1);
    private final Source docker = new Source("docker", CollectorPriority.NODE_RUNTIME);
    private final Source kubernetes = new Source("kubernetes", CollectorPriority.NODE_ORCHESTRATOR);
    private final Source ecs = new Source("ecs", CollectorPriority.NODE_ORCHESTRATOR);
    private final Ticket ticket = store.begin();
    private final TagHandle handle = store.handle(ENTITY);

    @Operation
    public void docker(@Param(name = "value") int value) {
        store.update(docker, 1, List.of(info(docker, value)));
    }

    @Operation
    public void kubernetes(@Param(name = "value") int value) {
        store.update(kubernetes, 1, List.of(info(kubernetes, value)));
    }

    @Operation
    public void dockerHasNothingMore() {
        store.update(docker, 1, List.of(TagInfo.builder("docker", ENTITY).build()));
    }

    @Operation
    public void dockerDeletes() {
        store.update(docker, 1, List.of(TagInfo.deletion("docker", ENTITY)));
    }

    @Operation
    public void prune() {
        store.prune();
    }

    /** The fetch began before all other operations. */
    @Operation
    public boolean ecsAnswers(@Param(name = "value") int value) {
        return store.apply(ticket, ecs, 1, List.of(info(ecs, value))).isEmpty();
    }

    @Operation
    public String lookup() {
        return String.join(" ", store.lookup(ENTITY, Cardinality.HIGH));
    }

    @Operation
    public String readHandle() {
        return String.join(" ", handle.tags(Cardinality.HIGH));
    }

    private static TagInfo info(Source source, int value) {
        return TagInfo.builder(source.name(), ENTITY)
                .low(source.name(), Integer.toString(value))
                .build();
    }
}
