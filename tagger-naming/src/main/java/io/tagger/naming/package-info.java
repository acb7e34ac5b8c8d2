/** The names of tags in OpenTelemetry's semantic conventions, chosen when a question is asked. */
@NullMarked
package io.tagger.naming;

import org.jspecify.annotations.NullMarked;
