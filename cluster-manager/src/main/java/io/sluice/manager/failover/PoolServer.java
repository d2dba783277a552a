package io.sluice.manager.failover;

import io.sluice.routing.topology.ServerAddress;

/** A server as one of a pool, whose login it takes. */
record PoolServer(String pool, ServerAddress address) {}
