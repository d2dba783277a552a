package io.sluice.proxy.dispatch;

import io.sluice.proxy.health.Shares;
import io.sluice.routing.Router;
import org.jspecify.annotations.Nullable;

/**
 * The keys of servers that are left out stay theirs: nobody serves them, or a spare pool does. No key of another server
 * moves.
 */
final class HomelessKeys implements Owners.Detour {

    private final Router allServers;
    private final Shares shares;
    private final @Nullable PoolRouting spare;

    HomelessKeys(Router allServers, Shares shares, @Nullable PoolRouting spare) {
        this.allServers = allServers;
        this.shares = shares;
        this.spare = spare;
    }

    @Override
    public int owner(byte[] key, int length) {
        int home = allServers.serverIndex(key, 0, length);
        if (home < 0) {
            return home;
        }
        int share = shares.of(home);
        if (share == Shares.ALL || (share > 0 && allServers.spread(key, 0, length) < share)) {
            return home;
        }
        int substitute = spare == null ? Owners.NOBODY : spare.current().of(key, length);
        return substitute < 0 ? Owners.EJECTED - home : shares.servers() + substitute;
    }
}
