package io.sluice.proxy.protocol;

/**
 * What is said to a server before its first request.
 *
 * @param bytes the requests; owned, never changed
 * @param replies how many replies they bring, all of which must not be errors
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Handshake(byte[] bytes, int replies) {}
