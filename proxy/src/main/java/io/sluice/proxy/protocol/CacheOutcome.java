package io.sluice.proxy.protocol;

/** What became of a removal, a fill or a change. */
public enum CacheOutcome {
    /** It has been carried out. */
    DONE,
    /** There was nothing there. */
    ABSENT,
    /** What was there was not what it was meant for, and stays. */
    CHANGED,
    /** An error, or no reply that was expected. */
    FAILED
}
