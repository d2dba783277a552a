package io.sluice.proxy.dispatch;

import io.sluice.proxy.health.Shares;
import io.sluice.routing.Router;
import io.sluice.routing.distribution.DistributionKind;

/**
 * Publishes to all event loops which server of a pool serves which key. Thread-safe; what it gives out is immutable.
 */
public final class PoolRouting {

    private final Router allServers;
    private final EjectedKeys rule;
    private volatile Owners current;
    private volatile String nobody = "no server in use for this key";

    /** Keys of servers that are left out go to the others. */
    public PoolRouting(Router allServers) {
        this(allServers, EjectedKeys.REMAP);
    }

    public PoolRouting(Router allServers, EjectedKeys rule) {
        this.allServers = allServers;
        this.rule = rule;
        this.current = Owners.whole(allServers);
    }

    /** Read once per request, and that one used throughout. */
    public Owners current() {
        return current;
    }

    boolean hasSlots() {
        return allServers.pool().distribution() == DistributionKind.SLOTS;
    }

    /** The slot of a key; negative where keys have none. */
    int slot(byte[] bytes, int offset, int length) {
        return allServers.slot(bytes, offset, length);
    }

    /** Why a key has no server, when none is ejected. */
    String whyNobody() {
        return nobody;
    }

    /** From now on clients are told so when a key has no server, and none is ejected. */
    public void explainNobody(String reason) {
        nobody = reason;
    }

    /** From now on each server serves that share of its keys. */
    public void use(Shares shares) {
        current = Owners.of(allServers, shares, rule);
    }
}
