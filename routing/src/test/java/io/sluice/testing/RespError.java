package io.sluice.testing;

/**
 * An error reply.
 *
 * @param message the line without its leading minus
 */
public record RespError(String message) {}
