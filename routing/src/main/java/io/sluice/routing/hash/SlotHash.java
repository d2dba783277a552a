package io.sluice.routing.hash;

import java.util.Arrays;
import java.util.Optional;

/**
 * The two ways keys fall into a fixed number of slots. Unlike with the other distributions, hash function and hash tag
 * belong to it: other clients and servers compute the slot too, and must agree.
 */
public enum SlotHash {
    /** codis: CRC-32 modulo 1024; <code>{}</code> is an empty tag, which is slot 0. */
    CODIS(1024, HashAlgorithm.CRC32A),
    /** Redis Cluster: CRC-16 modulo 16384; <code>{}</code> is no tag. Here the high half of our crc16 does no harm. */
    REDIS_CLUSTER(16384, HashAlgorithm.CRC16);

    private final int slots;
    private final HashAlgorithm algorithm;

    SlotHash(int slots, HashAlgorithm algorithm) {
        this.slots = slots;
        this.algorithm = algorithm;
    }

    /** The one with so many slots. */
    public static Optional<SlotHash> of(int slots) {
        return Arrays.stream(values()).filter(kind -> kind.slots == slots).findFirst();
    }

    public int slots() {
        return slots;
    }

    /** What {@code PoolDefinition.hash} says for this kind. */
    public HashAlgorithm algorithm() {
        return algorithm;
    }

    /** The part of the key that is hashed; see {@link HashTag} for how to read it. */
    public long span(byte[] key, int offset, int length) {
        return switch (this) {
            case CODIS -> HashTag.BRACES.spanMaybeEmpty(key, offset, length);
            case REDIS_CLUSTER -> HashTag.BRACES.span(key, offset, length);
        };
    }

    /** The checksum of a part that {@link #span} found. */
    public int hash(byte[] key, int offset, int length) {
        return switch (this) {
            case CODIS -> Crc.crc32(key, offset, length);
            case REDIS_CLUSTER -> Crc.crc16(key, offset, length) & 0xffff;
        };
    }

    /** The slot of a checksum. */
    public int slot(int hash) {
        return hash & (slots - 1); // both counts are powers of two
    }

    /** The slot of a key. */
    public int slotOf(byte[] key, int offset, int length) {
        long span = span(key, offset, length);
        return slot(hash(key, HashTag.offset(span), HashTag.length(span)));
    }
}
