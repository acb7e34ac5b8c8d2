package io.tagger.concurrency;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The sequential meaning of the operations of {@link StoreOperations}, from the deletion rules of docs/architecture.md.
 */
public final class StoreModel {
    private static final String ECS = "ecs";
    private static final String DOCKER = "docker";

    private final Map<String, Integer> said = new TreeMap<>();
    private final Set<String> pushed = new HashSet<>();
    private boolean marked;
    private boolean everDeleted;
    private boolean ecsHasSpoken;

    public void docker(int value) {
        push(DOCKER, value);
        marked = false;
    }

    public void kubernetes(int value) {
        push("kubernetes", value);
    }

    public void dockerHasNothingMore() {
        if (said.remove(DOCKER) != null) {
            pushed.remove(DOCKER);
            if (pushed.isEmpty()) { // no source is left to notice the end of the entity
                said.clear();
                everDeleted = true;
                marked = false;
            }
        }
    }

    public void dockerDeletes() {
        marked = true;
        everDeleted = true;
    }

    public void prune() {
        if (marked) {
            said.clear();
            pushed.clear();
            marked = false;
        }
    }

    public boolean ecsAnswers(int value) {
        if (everDeleted || ecsHasSpoken) {
            return false;
        }
        said.put(ECS, value);
        ecsHasSpoken = true;
        return true;
    }

    public String lookup() {
        return said.entrySet().stream()
                .map(entry -> entry.getKey() + ":" + entry.getValue())
                .collect(Collectors.joining(" "));
    }

    public String readHandle() {
        return lookup();
    }

    private void push(String source, int value) {
        said.put(source, value);
        pushed.add(source);
    }
}
