package io.tagger.opentelemetry;

import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.internal.ComponentProvider;
import io.opentelemetry.sdk.resources.Resource;
import java.time.Duration;

/**
 * The detector {@code tagger} of a declarative configuration, with the attributes of {@link TaggerResourceProvider}:
 *
 * <pre>{@code
 * resource:
 *   detection/development:
 *     detectors:
 *       - tagger: { wait: 300 }
 * }</pre>
 *
 * <p>{@code wait} is in milliseconds, and {@code agent} is the agent's address; both may be left out.
 */
public final class TaggerResourceDetector implements ComponentProvider {
    /** For the ServiceLoader. */
    public TaggerResourceDetector() {}

    @Override
    public Class<?> getType() {
        return Resource.class;
    }

    @Override
    public String getName() {
        return "tagger";
    }

    @Override
    public Object create(DeclarativeConfigProperties config) {
        Long wait = config.getLong("wait");
        return Resource.create(
                OwnAttributes.read(config.getString("agent"), wait == null ? null : Duration.ofMillis(wait))
                        .attributes());
    }
}
