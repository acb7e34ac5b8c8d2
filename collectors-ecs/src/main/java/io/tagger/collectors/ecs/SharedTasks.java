package io.tagger.collectors.ecs;

import io.tagger.api.EntityId;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A source with one question at a time, and a short memory of answers: questions come by container, answers by task,
 * and at the start of a task all its containers are missed at once.
 */
final class SharedTasks implements TaskSource {
    private static final long MOMENT_MILLIS = 2_000;
    private static final int KEPT = 256;

    private final TaskSource source;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Answer> answers = new ArrayDeque<>(); // guarded by the lock

    private record Answer(Task task, long time) {}

    SharedTasks(TaskSource source, Clock clock) {
        this.source = source;
        this.clock = clock;
    }

    @Override
    public List<Task> find(EntityId entity) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            long now = clock.millis();
            answers.removeIf(answer -> Math.abs(now - answer.time) > MOMENT_MILLIS);
            for (Answer answer : answers) {
                if (answer.task.has(entity)) {
                    return List.of(answer.task);
                }
            }
            List<Task> tasks = source.find(entity);
            for (Task task : tasks) {
                answers.addLast(new Answer(task, clock.millis()));
            }
            while (answers.size() > KEPT) {
                answers.removeFirst();
            }
            return tasks;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return source.toString();
    }
}
