package io.sluice.manager.migration.engine;

/**
 * How far a copy is.
 *
 * <pre>
 *   IDLE ─▶ PURGING ─▶ COPYING ─▶ FOLLOWING ─▶ DRAINED
 *              └──────────┴───────────┴──▶ FAILED, STOPPED
 * </pre>
 *
 * A drain that is not done in time leaves it FOLLOWING; after a thaw a drained copy goes on FOLLOWING when
 * {@link SlotCopy#follow} is called.
 */
public enum CopyState {
    IDLE,
    /** Takes away what an earlier attempt left on the target. */
    PURGING,
    /** The first pass over all keys. */
    COPYING,
    /** Everything was copied once; what is written since follows. */
    FOLLOWING,
    /** The target holds what the source held when the drain ended, and nothing is written any more. */
    DRAINED,
    /** See {@link CopyProgress#failure}. */
    FAILED,
    /** Somebody stopped it. */
    STOPPED;

    public boolean isOver() {
        return this == FAILED || this == STOPPED;
    }
}
