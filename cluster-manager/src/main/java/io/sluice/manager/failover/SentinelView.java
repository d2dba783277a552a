package io.sluice.manager.failover;

import io.sluice.routing.topology.ServerAddress;

/**
 * What one sentinel says of a master.
 *
 * @param configEpoch grows with every failover that sentinels agree on; whoever has the higher one knows better
 * @param primary the address it gives to clients
 */
record SentinelView(long configEpoch, ServerAddress primary) {}
