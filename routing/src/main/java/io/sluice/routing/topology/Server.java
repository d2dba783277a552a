package io.sluice.routing.topology;

/**
 * One server of a pool.
 *
 * @param name what the ring hashes and what people read: the alias, or what twemproxy derives from the address
 * @param address where it listens
 * @param weight its share of the keys, at least 1
 */
public record Server(String name, ServerAddress address, int weight) {}
