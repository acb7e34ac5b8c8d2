package io.tagger.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Subscription;
import io.tagger.api.TagListener;
import io.tagger.api.Tagger;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedTaggerTest {
    private final List<TagListener> subscribed = new ArrayList<>();

    /** A tagger that keeps its listeners, and does nothing else. */
    private final Tagger tagger = (Tagger) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {Tagger.class}, (proxy, method, arguments) -> {
                subscribed.add((TagListener) arguments[1]);
                return null;
            });

    private record Greedy(List<EntityId> deleted) implements TagListener {
        @Override
        public void added(EntityTags tags) {
            throw new OutOfMemoryError("of the listener");
        }

        @Override
        public void modified(EntityTags tags) {}

        @Override
        public void deleted(EntityId entity) {
            deleted.add(entity);
        }

        @Override
        public void synced() {}
    }

    @Test
    void listenerThatLacksMemory_isAFaultOfThePlugin() {
        List<EntityId> deleted = new ArrayList<>();
        Subscription subscription = new SharedTagger(tagger).subscribe(EntityFilter.all(), new Greedy(deleted));
        assertThat(subscription).isNull();
        TagListener listener = subscribed.get(0);

        assertThatIllegalStateException()
                .isThrownBy(() -> listener.added(null))
                .withMessageContaining("the listener of a plugin failed");
        listener.deleted(EntityId.GLOBAL);
        assertThat(deleted).containsExactly(EntityId.GLOBAL);
    }

    @Test
    void close_isRefused() {
        assertThatIllegalStateException().isThrownBy(new SharedTagger(tagger)::close);
    }
}
