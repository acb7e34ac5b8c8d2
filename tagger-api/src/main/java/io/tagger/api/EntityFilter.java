package io.tagger.api;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which entities a caller wants to see: those of some kinds, or all.
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
     * @return the filter that lets everything through
     */
    public static EntityFilter all() {
        return ALL;
    }

    /**
     * The entities of some kinds.
     *
     * @param prefixes the kinds, such as {@link EntityId#CONTAINER}; a kind that no collector knows matches nothing, and that is no
     *     error. None at all means {@link #all()}.
     * @return the filter
     * @throws IllegalArgumentException if one of them can't be a prefix
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
     * @return whether it is wanted
     */
    public boolean matches(EntityId entity) {
        return prefixes.isEmpty() || prefixes.contains(entity.prefix());
    }

    @Override
    public String toString() {
        return prefixes.isEmpty() ? "all entities" : "entities of " + new TreeSet<>(prefixes);
    }
}
