package io.tagger.api;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/**
 * A selection of entities by kind.
 *
 * <p>Immutable and thread-safe.
 */
public final class EntityFilter {
    private static final EntityFilter ALL = new EntityFilter(Set.of());

    private final Set<String> prefixes;

    private EntityFilter(Set<String> prefixes) {
        this.prefixes = prefixes;
    }

    /**
     * Every entity.
     *
     * @return a filter without a condition
     */
    public static EntityFilter all() {
        return ALL;
    }

    /**
     * Selects the entities of the given kinds.
     *
     * @param prefixes the kinds, such as {@link EntityId#CONTAINER}; a kind unknown to all collectors matches no entity
     *     and is no error. An empty list means {@link #all()}.
     * @return the filter
     * @throws IllegalArgumentException if a prefix is not valid
     */
    public static EntityFilter prefixes(String... prefixes) {
        for (String prefix : prefixes) {
            if (!EntityId.isPrefix(prefix)) {
                throw new IllegalArgumentException(
                        "'" + EntityId.abbreviate(prefix) + "' is no prefix: " + EntityId.PREFIX_RULE);
            }
        }
        return prefixes.length == 0 ? ALL : new EntityFilter(Set.copyOf(Arrays.asList(prefixes)));
    }

    /**
     * Says whether an entity passes.
     *
     * @param entity the entity
     * @return whether the filter selects the entity
     */
    public boolean matches(EntityId entity) {
        return prefixes.isEmpty() || prefixes.contains(entity.prefix());
    }

    @Override
    public String toString() {
        return prefixes.isEmpty() ? "all entities" : "entities of " + new TreeSet<>(prefixes);
    }
}
