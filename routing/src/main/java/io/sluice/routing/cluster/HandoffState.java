package io.sluice.routing.cluster;

/**
 * How far the handoff of some slots to another shard is.
 *
 * <pre>
 *   COPY ──▶ FREEZE ──▶ SWITCHED
 *     ◀── abort ──┘
 * </pre>
 */
public enum HandoffState {
    /** The source owns the slots, and serves them; their keys are copied in the background. */
    COPY,
    /** The source owns the slots, and nobody serves them: requests wait. */
    FREEZE,
    /** The target owns the slots, and serves them; the source may still hold keys that nobody asks for. */
    SWITCHED
}
