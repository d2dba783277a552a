package io.sluice.proxy.dispatch;

import io.sluice.proxy.health.Shares;
import io.sluice.routing.Router;

/** The keys of servers that are left out stay theirs. No key of another server moves. */
final class HomelessKeys implements Owners.Detour {

    private final Router allServers;
    private final Shares shares;

    HomelessKeys(Router allServers, Shares shares) {
        this.allServers = allServers;
        this.shares = shares;
    }

    @Override
    public int owner(byte[] bytes, int offset, int length) {
        int home = allServers.serverIndex(bytes, offset, length);
        if (home < 0) {
            return home;
        }
        int share = shares.of(home);
        boolean isServed = share == Shares.ALL || (share > 0 && allServers.spread(bytes, offset, length) < share);
        return isServed ? home : Owners.EJECTED - home;
    }
}
