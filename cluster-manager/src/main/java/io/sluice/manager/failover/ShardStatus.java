package io.sluice.manager.failover;

import io.sluice.routing.topology.ServerAddress;

/**
 * How it stands with the primary of a shard.
 *
 * @param primary the topology's
 * @param followed who decides: {@code sentinel}, {@code role}, or {@code nobody}
 * @param note what people should look at; empty if all is well
 */
public record ShardStatus(String pool, String shard, ServerAddress primary, String followed, String note) {}
