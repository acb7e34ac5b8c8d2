package io.tagger.opentelemetry;

import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.ResourceProvider;
import io.opentelemetry.sdk.resources.Resource;

/**
 * Adds the attributes of this process from the tagger agent to the resource of OpenTelemetry's SDK: pod, container, service,
 * and each custom tag.
 *
 * <p>Asks the agent once, and waits for complete attributes at most {@code tagger.otel.wait} (300 ms). Attributes that the
 * user set ({@code OTEL_RESOURCE_ATTRIBUTES}, {@code OTEL_SERVICE_NAME}) win. Without an agent nothing is added.
 */
public final class TaggerResourceProvider implements ResourceProvider {
    /** After the providers of process and host, with mere guesses; before all names of a service. */
    private static final int ORDER = 10;

    /** For the ServiceLoader. */
    public TaggerResourceProvider() {}

    @Override
    public Resource createResource(ConfigProperties config) {
        return Resource.create(OwnAttributes.read(config).attributes());
    }

    @Override
    public int order() {
        return ORDER;
    }
}
