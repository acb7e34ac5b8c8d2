package io.tagger.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Tests the pool alone, in a single thread. */
class TagPoolTest {
    private static final int MANY = 5_000;

    private final TagPool pool = new TagPool();

    @Test
    void equalTags_areOneString() {
        String first = pool.hold(fresh("env:prod"));
        assertThat(pool.hold(fresh("env:prod"))).isSameAs(first);
        assertThat(pool.size()).isEqualTo(1);
    }

    @Test
    void released_asOftenAsHeld_isForgottenAtTheRebuild() {
        String first = pool.hold(fresh("env:prod"));
        pool.hold(first);
        pool.release(first);
        pool.rebuild();
        assertThat(pool.hold(fresh("env:prod"))).isSameAs(first);
        pool.release(first);
        pool.release(first);
        assertThat(pool.size()).isZero();
        pool.rebuild();
        String second = fresh("env:prod");
        assertThat(pool.hold(second)).isSameAs(second);
    }

    @Test
    void released_andHeldAgainBeforeTheRebuild_comesToLifeAgain() {
        String first = pool.hold(fresh("env:prod"));
        pool.release(first);
        assertThat(pool.hold(fresh("env:prod"))).isSameAs(first);
        pool.rebuild();
        assertThat(pool.hold(fresh("env:prod"))).isSameAs(first);
        assertThat(pool.size()).isEqualTo(1);
    }

    @Test
    void many_thatComeAndGo_neitherFillThePoolNorStay() {
        for (int i = 0; i < MANY; i++) {
            String tag = pool.hold("n:" + i);
            if (i % 10 > 0) {
                pool.release(tag);
            }
            if (pool.isCrowded()) {
                pool.rebuild();
            }
        }
        assertThat(pool.size()).isEqualTo(MANY / 10);
        for (int i = 0; i < MANY; i += 10) {
            String tag = fresh("n:" + i);
            assertThat(pool.hold(tag)).isNotSameAs(tag);
        }
    }

    @Test
    void equalLowTags_areOneObject() {
        LowTags first = pool.hold(low("prod"));
        assertThat(pool.hold(low("prod"))).isSameAs(first);
        assertThat(pool.hold(low("dev"))).isNotSameAs(first);
        assertThat(pool.size()).isEqualTo(4);
        pool.release(first);
        assertThat(pool.hold(low("prod"))).isSameAs(first);
        pool.release(first);
        pool.release(first);
        assertThat(pool.size()).as("env:dev, team:a").isEqualTo(2);
    }

    @Test
    void noLowTags_areHeldByNobody() {
        LowTags none = pool.hold(new LowTags(new String[0], new String[0]));
        assertThat(pool.hold(new LowTags(new String[0], new String[0]))).isSameAs(none);
        pool.release(none);
        assertThat(pool.hold(new LowTags(new String[0], new String[0]))).isSameAs(none);
        assertThat(pool.size()).isZero();
    }

    private static LowTags low(String env) {
        String tag = fresh("env:" + env);
        return new LowTags(new String[] {tag, fresh(env.equals("prod") ? "team:b" : "team:a")}, new String[] {tag});
    }

    private static String fresh(String text) {
        return String.valueOf(text.toCharArray());
    }
}
