package io.sluice.proxy.session;

/**
 * When the proxy stops reading from a client.
 *
 * @param maxInFlight requests awaiting replies
 * @param maxUnsentBytes reply bytes the client has not taken
 * @param maxHeldBytes reply bytes held because an earlier reply is still owed
 */
public record ClientLimits(int maxInFlight, int maxUnsentBytes, int maxHeldBytes) {}
