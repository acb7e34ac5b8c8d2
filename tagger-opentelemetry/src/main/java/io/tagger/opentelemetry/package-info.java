/**
 * The attributes of this process from the tagger agent: for the autoconfiguration of OpenTelemetry's SDK, and as an extension
 * of OpenTelemetry's Java agent.
 */
@NullMarked
package io.tagger.opentelemetry;

import org.jspecify.annotations.NullMarked;
