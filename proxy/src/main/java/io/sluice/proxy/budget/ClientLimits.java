package io.sluice.proxy.budget;

/**
 * When the proxy stops reading from a client, and when it gives it up.
 *
 * @param maxInFlight requests awaiting replies; then the client is not read from
 * @param bufferBytes bytes of replies held, not taken and expected; then the client is not read from
 * @param maxHeldBytes bytes of replies that wait for an earlier one or for other parts; then they become errors
 * @param maxBufferBytes bytes of replies held and not taken; then the client is closed
 */
public record ClientLimits(int maxInFlight, int bufferBytes, int maxHeldBytes, int maxBufferBytes) {}
