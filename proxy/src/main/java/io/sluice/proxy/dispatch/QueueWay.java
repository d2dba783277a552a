package io.sluice.proxy.dispatch;

/**
 * Where the keys of a request go from and to, by the numbers of servers, if at least one of them moves.
 *
 * @param together whether all of them go the same way
 */
record QueueWay(int from, int to, boolean together) {}
