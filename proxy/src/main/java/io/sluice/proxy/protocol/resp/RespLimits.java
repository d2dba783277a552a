package io.sluice.proxy.protocol.resp;

/**
 * Bounds of what one client may send.
 *
 * @param maxRequestBytes largest request
 * @param maxArguments most arguments of one request
 * @param maxInlineBytes longest inline command
 */
public record RespLimits(int maxRequestBytes, int maxArguments, int maxInlineBytes) {}
