/** Tags of the pods of one node and of their containers, pulled from the kubelet or the API server. */
@NullMarked
package io.tagger.collectors.kubernetes;

import org.jspecify.annotations.NullMarked;
