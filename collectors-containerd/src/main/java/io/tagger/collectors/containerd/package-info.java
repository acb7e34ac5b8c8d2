/** The collector of containerd's containers. */
@org.jspecify.annotations.NullMarked
package io.tagger.collectors.containerd;
