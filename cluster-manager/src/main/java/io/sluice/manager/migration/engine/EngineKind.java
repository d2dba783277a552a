package io.sluice.manager.migration.engine;

/** How keys are brought over. */
public enum EngineKind {
    /** Reads the source's replication stream as a replica would, and sends on what moves. */
    STREAM,
    /** Scans the source, and copies again what the source says was written since. */
    TRACK,
    /** The target becomes a replica of the source for a while: all keys, or nothing. */
    REPLICA;

    /** A copy that has not begun. */
    public SlotCopy prepare(CopyPlan plan) {
        return switch (this) {
            case STREAM -> new StreamCopy(plan);
            case TRACK -> new TrackingCopy(plan);
            case REPLICA -> new ReplicaCopy(plan);
        };
    }
}
