package io.sluice.proxy.health;

import java.util.EnumSet;
import java.util.Set;

/**
 * How far a server is trusted.
 *
 * <pre>
 *        fails            too often          its time is over       enough good probes
 *   UP ────────▶ SUSPECT ──────────▶ EJECTED ────────────────▶ PROBING ───────────────▶ RETURNING
 *   ▲ ▲             │                   ▲                                                 │   │
 *   │ └─────────────┘                   └──────────────── fails once ─────────────────────┘   │
 *   │   a window without failures                                                             │
 *   └──────────────────── has served all of its keys for a while ─────────────────────────────┘
 * </pre>
 */
public enum HealthState {
    /** Serves its keys, and has not failed of late. */
    UP,
    /** Serves its keys; failures and successes are counted, since it has failed. */
    SUSPECT,
    /** Left out; not even asked how it is. */
    EJECTED,
    /** Left out, and asked how it is: one probe at a time. */
    PROBING,
    /** Serves its keys again, or a growing share of them; one failure is enough. */
    RETURNING;

    /** Returns {@code next}, or throws if a server may not go there from here. */
    HealthState to(HealthState next) {
        if (!successors().contains(next)) {
            throw new IllegalStateException("A server cannot go from " + this + " to " + next);
        }
        return next;
    }

    Set<HealthState> successors() {
        return switch (this) {
            case UP -> EnumSet.of(SUSPECT);
            case SUSPECT -> EnumSet.of(UP, EJECTED);
            case EJECTED -> EnumSet.of(PROBING);
            case PROBING -> EnumSet.of(RETURNING);
            case RETURNING -> EnumSet.of(UP, EJECTED);
        };
    }

    /** Whether it serves no key. */
    public boolean isOut() {
        return this == EJECTED || this == PROBING;
    }

    /** As pages and metrics have it. */
    public String word() {
        return switch (this) {
            case UP -> "up";
            case SUSPECT -> "suspect";
            case EJECTED -> "ejected";
            case PROBING -> "probing";
            case RETURNING -> "returning";
        };
    }
}
