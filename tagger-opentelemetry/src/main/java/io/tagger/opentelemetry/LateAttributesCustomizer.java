package io.tagger.opentelemetry;

import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizer;
import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizerProvider;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.resources.Resource;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * With {@code tagger.otel.late = true}, adds attributes that the agent tells only after the start to spans and log records: a
 * resource can't change any more. Off by default.
 */
public final class LateAttributesCustomizer implements AutoConfigurationCustomizerProvider {
    private static final String LATE = "tagger.otel.late";

    /** For the ServiceLoader. */
    public LateAttributesCustomizer() {}

    @Override
    public void customize(AutoConfigurationCustomizer configuration) {
        AtomicReference<Resource> resource = new AtomicReference<>(Resource.empty());
        AtomicReference<LateAttributes> late = new AtomicReference<>();
        configuration.addResourceCustomizer((made, config) -> {
            resource.set(made);
            return made;
        });
        configuration.addTracerProviderCustomizer((traces, config) -> isOn(config)
                ? traces.addSpanProcessor(of(late, resource.get(), config).spans())
                : traces);
        configuration.addLoggerProviderCustomizer((logs, config) -> isOn(config)
                ? logs.addLogRecordProcessorFirst(
                        of(late, resource.get(), config).records())
                : logs);
    }

    private static boolean isOn(ConfigProperties config) {
        return config.getBoolean(LATE, false);
    }

    private static Set<String> ofTheUser(ConfigProperties config) {
        Set<String> names =
                new HashSet<>(config.getMap("otel.resource.attributes").keySet());
        if (config.getString("otel.service.name") != null) {
            names.add("service.name");
        }
        names.addAll(config.getList("otel.resource.disabled.keys"));
        return names;
    }

    /** One for the traces and the logs of an SDK. */
    private static LateAttributes of(AtomicReference<LateAttributes> late, Resource resource, ConfigProperties config) {
        return late.updateAndGet(before -> before == null
                ? LateAttributes.begin(resource.getAttributes(), ofTheUser(config), () -> OwnAttributes.read(config))
                : before);
    }
}
