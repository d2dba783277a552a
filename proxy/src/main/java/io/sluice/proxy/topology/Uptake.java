package io.sluice.proxy.topology;

import java.util.concurrent.CompletableFuture;

/**
 * How far a proxy has come with a topology.
 *
 * @param followed done once new requests of all event loops follow it: not before may it be believed
 * @param settled done once nothing that is under way depends on an older one: not before is it acknowledged
 */
public record Uptake(CompletableFuture<Void> followed, CompletableFuture<Void> settled) {}
