package io.sluice.routing.hash;

/** Which part of a key is hashed: what lies between the first {@code open} and the first {@code close} after it. */
public record HashTag(byte open, byte close) {}
