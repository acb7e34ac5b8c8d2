/**
 * The SPI of tag sources: implement one of {@link io.tagger.api.collector.Streamer}, {@link io.tagger.api.collector.Puller} or
 * {@link io.tagger.api.collector.FetchOnly}, name the class in {@code META-INF/services/io.tagger.api.collector.Collector}, and put
 * the jar on the class path of the agent.
 *
 * <p>A collector reports, it does not repair: when something is wrong it throws, and its host starts a new instance later.
 *
 * <p>No type here accepts or returns {@code null}.
 */
package io.tagger.api.collector;
