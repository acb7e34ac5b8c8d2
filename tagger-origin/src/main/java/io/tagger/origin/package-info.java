/** Finds the container, the pod and the systemd unit of a process, from folders that look like /proc and /sys/fs/cgroup. */
@NullMarked
package io.tagger.origin;

import org.jspecify.annotations.NullMarked;
