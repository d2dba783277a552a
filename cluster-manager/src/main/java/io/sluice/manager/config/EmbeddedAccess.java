package io.sluice.manager.config;

import io.sluice.routing.config.ZooKeeperAccess;
import org.jspecify.annotations.Nullable;

/**
 * Where the embedded ZooKeeper listens.
 *
 * @param port 0 for any that is free
 * @param login who may see and change what is written; null for everybody who reaches it
 */
public record EmbeddedAccess(String host, int port, ZooKeeperAccess.@Nullable Login login) {

    public static final EmbeddedAccess DEFAULT = new EmbeddedAccess("127.0.0.1", 9701, null);
}
