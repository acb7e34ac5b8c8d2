package io.tagger.collectors.docker;

import static io.tagger.collectors.docker.Task.DROP;
import static io.tagger.collectors.docker.Task.LOOK_AGAIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.collectors.docker.Task.Action;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskTest {
    private static final DockerContainer WEB = new DockerContainer("c1", "web", "acme/web:1", "", Map.of(), List.of());
    private static final DockerContainer RENAMED =
            new DockerContainer("c1", "shop", "acme/web:1", "", Map.of(), List.of());

    @Test
    void deathOfAStartedContainer_keepsTheInspect() {
        Task both = Task.merge(Task.started(WEB), DROP);

        assertThat(both).isEqualTo(new Task(Action.LOOK_AND_DROP, WEB, true));
        assertThat(Task.merge(both, DROP)).as("destroy after die").isEqualTo(both);
        assertThat(Task.merge(both, LOOK_AGAIN)).as("rename after die").isEqualTo(both);
    }

    @Test
    void deathOfAContainerThatNothingShowed_isADrop() {
        assertThat(Task.merge(LOOK_AGAIN, DROP)).isEqualTo(DROP);
        assertThat(Task.merge(DROP, DROP)).isEqualTo(DROP);
        assertThat(Task.merge(DROP, LOOK_AGAIN)).isEqualTo(DROP);
    }

    @Test
    void start_isNewerThanEverything() {
        assertThat(Task.merge(DROP, Task.started(WEB))).isEqualTo(Task.started(WEB));
        assertThat(Task.merge(new Task(Action.LOOK_AND_DROP, WEB, true), Task.started(RENAMED)))
                .isEqualTo(Task.started(RENAMED));
        assertThat(Task.merge(LOOK_AGAIN, Task.started(WEB))).isEqualTo(Task.started(WEB));
    }

    @Test
    void rename_keepsTheStart() {
        assertThat(Task.merge(Task.started(WEB), LOOK_AGAIN)).isEqualTo(Task.started(WEB));
    }
}
