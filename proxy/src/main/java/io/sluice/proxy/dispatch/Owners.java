package io.sluice.proxy.dispatch;

import io.sluice.proxy.health.Shares;
import io.sluice.routing.Router;
import org.jspecify.annotations.Nullable;

/**
 * Which server serves which key at the moment. Immutable, for all threads.
 *
 * <pre>
 *   owner    0 ..                      a server of the pool
 *            NOBODY, KEY_TOO_LONG
 *            EJECTED, EJECTED - 1 ..   the server at EJECTED - owner, which is left out
 * </pre>
 */
public final class Owners {

    static final int NOBODY = -1;
    static final int KEY_TOO_LONG = -2;
    static final int EJECTED = -3;

    private final Router allServers;
    private final @Nullable Detour detour; // null while each server serves all of its keys

    private Owners(Router allServers, @Nullable Detour detour) {
        this.allServers = allServers;
        this.detour = detour;
    }

    /** Every server serves all of its keys. */
    static Owners whole(Router allServers) {
        return new Owners(allServers, null);
    }

    static Owners of(Router allServers, Shares shares, EjectedKeys rule) {
        if (shares.areWhole()) {
            return whole(allServers);
        }
        return new Owners(
                allServers,
                switch (rule) {
                    case REMAP -> RemappedKeys.of(allServers, shares);
                    case KEEP -> new HomelessKeys(allServers, shares);
                });
    }

    /** The owner of the key that is in the first {@code length} bytes. */
    int of(byte[] key, int length) {
        return of(key, 0, length);
    }

    /** The owner of the key that is in the {@code length} bytes from {@code offset} on. */
    int of(byte[] bytes, int offset, int length) {
        return detour == null ? allServers.serverIndex(bytes, offset, length) : detour.owner(bytes, offset, length);
    }

    /** The slot of a key; -1 in a pool without slots. */
    int slot(byte[] key) {
        return allServers.slot(key, 0, key.length);
    }

    /** The server that is left out, of an owner that says so. */
    static int ejected(int owner) {
        return EJECTED - owner;
    }

    /** Where keys are while some servers do not serve all of theirs. */
    sealed interface Detour permits RemappedKeys, HomelessKeys {
        int owner(byte[] bytes, int offset, int length);
    }
}
