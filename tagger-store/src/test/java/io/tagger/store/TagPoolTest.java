package io.tagger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
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

    /** Tags of four hash codes, apart in a large table and together in a small table. */
    @Test
    void tagsOfEqualHash_areReleasedOrUnpooled_afterARebuild() {
        List<String> held = new ArrayList<>();
        for (int group = 0; group < 4; group++) {
            for (int i = 0; i < 256; i++) {
                StringBuilder tag = new StringBuilder("t:");
                for (int bit = 0; bit < 8; bit++) {
                    tag.append((i >> bit & 1) == 0 ? "Aa" : "BB");
                }
                held.add(pool.hold(tag.append((char) ('a' + group)).toString()));
            }
        }
        pool.rebuild();
        held.forEach(pool::release);
        pool.rebuild();

        assertThat(pool.size()).isZero();
    }

    @Test
    void equalHashesOfLowTags_areFoundInAnOrder() {
        List<LowTags> lows = new ArrayList<>();
        for (int i = 0; i < 4_096; i++) {
            StringBuilder tag = new StringBuilder("t:");
            for (int bit = 0; bit < 12; bit++) {
                tag.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            LowTags low = new LowTags(new String[] {tag.toString()}, new String[0]);
            lows.add(low);
            assertThat(low.hashCode()).isEqualTo(lows.get(0).hashCode());
            assertThat(low.compareTo(lows.get(0))).isEqualTo(Integer.signum(i) * Math.abs(low.compareTo(lows.get(0))));
        }
        List<LowTags> pooled = lows.stream().map(pool::hold).toList();
        for (int i = 0; i < lows.size(); i++) {
            LowTags again = new LowTags(new String[] {fresh(lows.get(i).tags[0])}, new String[0]);
            assertThat(pool.hold(again)).isSameAs(pooled.get(i));
        }
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
