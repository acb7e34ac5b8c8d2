/** Tags the pods of one node and their containers; a puller over the kubelet or the API server. */
@NullMarked
package io.tagger.collectors.kubernetes;

import org.jspecify.annotations.NullMarked;
