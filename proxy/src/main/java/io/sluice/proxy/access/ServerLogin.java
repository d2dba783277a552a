package io.sluice.proxy.access;

import org.jspecify.annotations.Nullable;

/**
 * Who the proxy is to its servers.
 *
 * @param user null for the servers' default user
 * @param password never shown
 */
public record ServerLogin(@Nullable String user, String password) {

    /** Hides the password. */
    @Override
    public String toString() {
        return "ServerLogin[user=" + (user == null ? AccessRules.DEFAULT_USER : user) + "]";
    }
}
