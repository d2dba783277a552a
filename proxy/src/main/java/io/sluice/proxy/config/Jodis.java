package io.sluice.proxy.config;

import io.sluice.routing.topology.ServerAddress;

/**
 * How Jodis clients, those of codis, find the proxy in ZooKeeper.
 *
 * @param product the name under which clients look
 * @param address where they connect
 * @param compatible whether they look where those of codis 2 do
 */
public record Jodis(String product, ServerAddress address, boolean compatible) {

    /** The path of the proxy's node, from ZooKeeper's root. */
    public String path(String token) {
        return compatible ? "/zk/codis/db_" + product + "/proxy/" + token : "/jodis/" + product + "/proxy-" + token;
    }
}
