/** Follows the primary of each shard, as Redis Sentinel or the servers themselves have it. Never elects one. */
@NullMarked
package io.sluice.manager.failover;

import org.jspecify.annotations.NullMarked;
