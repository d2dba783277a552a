package io.sluice.proxy.protocol.memcache;

/**
 * Bounds of what one client may send.
 *
 * @param maxRequestBytes largest request: its line and its value
 * @param maxArguments most words of one line
 */
public record TextLimits(int maxRequestBytes, int maxArguments) {}
