package io.tagger.javaagent.identity;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/** The event {@code io.tagger.Identity} of the JDK's flight recorder: the owner of the recording. */
@Name("io.tagger.Identity")
@Label("Tagger Identity")
@Category("tagger")
@Description("The entity of this JVM, and its tags when the JVM has started")
@Period("beginChunk")
@StackTrace(false)
final class IdentityEvent extends Event {
    /** The entity's id; empty if unknown. */
    @Label("Entity")
    String entity = "";

    /** All tags, with a comma between them. */
    @Label("Tags")
    String tags = "";

    /** Whether the tags were complete. */
    @Label("Complete")
    boolean complete;

    /** Why there are no tags; empty if there are. */
    @Label("Problem")
    String problem = "";

    IdentityEvent() {}
}
