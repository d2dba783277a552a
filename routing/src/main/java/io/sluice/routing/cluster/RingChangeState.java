package io.sluice.routing.cluster;

import io.sluice.routing.cluster.RingChange.Kind;

/**
 * How far a ring is on its way to other servers. It concerns keys whose owner differs in both rings; <em>old</em> is the
 * owner by the pool's servers, <em>new</em> the one by the change's.
 *
 * <pre>
 *   cache    PREPARE ──▶ INVALIDATE ──▶ WINDOW ──▶ CLOSING ──▶ the next servers are the servers, the change is gone
 *               │          │      ▲                   │
 *            abort ◀───────┘      └──── roll back ────┘   (then the rings change places, and WINDOW follows)
 *
 *   broker   PREPARE ◀──▶ SEALED ──▶ TURNING ──▶ DRAINING ──▶ the next servers are the servers, the change is gone
 *               │            │          └── roll back: DRAINING to its end, then the rings change places, and SEALED follows
 *            abort ◀─────────┘
 * </pre>
 *
 * Two proxies are one arrow apart at most: the next state is written only when each of them has acknowledged this one, or
 * can no longer serve by an older one. What each state lets them do, and why no arrow lets a stale value through, is in
 * decision 0029.
 */
public enum RingChangeState {
    /**
     * Old is read and written, as before. The lease holds for these keys from here on, and nobody takes them to a third
     * server because their own was left out. The manager takes leftovers of earlier rings off the new owners.
     */
    PREPARE,

    /**
     * Cache: old is read. A mutation is done on old, for its reply; then the key is deleted on old, then on new, then on
     * old again, each when the one before has been answered; then the client has its reply. Lasts for a barrier.
     */
    INVALIDATE,

    /**
     * Cache: new is read, then, if it has nothing, old. Whatever writes deletes the key on old first, and does nothing on
     * new before that has been answered. A value goes from old to new only if it is taken off old by its cas token before
     * it can be seen on new.
     */
    WINDOW,

    /** Cache: new is read and written, old is not read; whatever writes still deletes the key on old first. */
    CLOSING,

    /**
     * Broker: old is used as in PREPARE, but for queues only: nothing that is no list comes to be there any more. If there
     * is something of that kind, the change goes back to PREPARE.
     */
    SEALED,

    /** Broker: publishes go to new; consumers take from old only. From here on there is no way back but to the end. */
    TURNING,

    /** Broker: publishes go to new; consumers take from old until it has nothing, which is for ever, then from new. */
    DRAINING;

    /** Whether a change of this kind can be in it. */
    public boolean isOf(Kind kind) {
        return switch (this) {
            case PREPARE -> true;
            case INVALIDATE, WINDOW, CLOSING -> kind == Kind.CACHE;
            case SEALED, TURNING, DRAINING -> kind == Kind.BROKER;
        };
    }
}
