package io.sluice.manager.migration.engine;

import io.sluice.routing.topology.ServerAddress;

/**
 * A server, and as whom to speak with it. TLS is not offered: the manager stands in the servers' network.
 *
 * @param address host and port; a mover on another machine has no use for unix sockets
 * @param user an ACL user, or empty for the default one
 * @param password empty for none
 */
public record RedisEndpoint(ServerAddress address, String user, String password) {

    public RedisEndpoint {
        if (address.isUnixSocket()) {
            throw new IllegalArgumentException("A data mover takes host and port, found the unix socket " + address);
        }
    }

    public static RedisEndpoint of(ServerAddress address) {
        return new RedisEndpoint(address, "", "");
    }

    /** The same credentials, another server: a replica. */
    public RedisEndpoint at(ServerAddress other) {
        return new RedisEndpoint(other, user, password);
    }

    /** The address alone: this is what logs and errors show. */
    @Override
    public String toString() {
        return address.toString();
    }
}
