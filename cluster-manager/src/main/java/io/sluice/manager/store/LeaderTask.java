package io.sluice.manager.store;

/**
 * Something that runs only while this manager leads. {@code begin} and {@code end} are called in turns by one thread,
 * which has other tasks to begin and to end: neither may take long.
 */
public interface LeaderTask {

    /** For the log. */
    String name();

    /** This manager leads from now on. What it has remembered of an earlier time is worth nothing. */
    void begin(Cluster cluster);

    /** It does not any more. Returns once nothing of this task writes any more. */
    void end();
}
