/**
 * The SPI of tag sources. A plugin implements {@link io.tagger.api.collector.Streamer}, {@link
 * io.tagger.api.collector.Puller} or {@link io.tagger.api.collector.FetchOnly} and names the class in {@code
 * META-INF/services/io.tagger.api.collector.Collector}. The plugin's jars go into a folder of the agent's plugin path,
 * or on the class path of an application with an embedded tagger.
 *
 * <p>A collector reports and leaves repairs to the host: after an exception the host starts a new instance.
 *
 * <p>No type here accepts or returns {@code null}.
 */
package io.tagger.api.collector;
