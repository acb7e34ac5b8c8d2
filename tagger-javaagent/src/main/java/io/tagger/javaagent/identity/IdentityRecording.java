package io.tagger.javaagent.identity;

import java.util.List;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;

/**
 * Writes the {@link IdentityEvent} at the beginning of each chunk of the flight recorder. A JVM without a recording loads neither
 * the recorder nor the event: the JDK registers an event when its class is loaded.
 */
final class IdentityRecording implements FlightRecorderListener, Runnable {
    private final String entity;
    private final List<String> tags;
    private final boolean isComplete;
    private final String problem;

    /**
     * Makes a writer.
     *
     * @param entity the entity's id; empty if unknown
     * @param tags the tags
     * @param isComplete whether the tags are complete
     * @param problem why there are no tags; empty if there are
     */
    IdentityRecording(String entity, List<String> tags, boolean isComplete, String problem) {
        this.entity = entity;
        this.tags = tags;
        this.isComplete = isComplete;
        this.problem = problem;
    }

    /** Begins to listen; a chunk that has begun already gets the event at once. */
    void begin() {
        boolean isRecording = FlightRecorder.isInitialized();
        FlightRecorder.addListener(this);
        if (isRecording) {
            run();
        }
    }

    @Override
    public void recorderInitialized(FlightRecorder recorder) {
        FlightRecorder.addPeriodicEvent(IdentityEvent.class, this);
    }

    @Override
    public void run() {
        IdentityEvent event = new IdentityEvent();
        event.entity = entity;
        event.tags = String.join(",", tags);
        event.complete = isComplete;
        event.problem = problem;
        event.commit();
    }
}
