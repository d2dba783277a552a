package io.sluice.routing.hash;

import com.google.errorprone.annotations.Immutable;

/** A part of a byte array to 32 bits. */
@Immutable
@FunctionalInterface
interface HashFunction {
    int hash(byte[] key, int offset, int length);
}
