package io.sluice.routing.hash;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The hash functions by the names the config files use: twemproxy's twelve, bit for bit as it computes them on x86-64
 * (where bytes of 0x80 and more are negative for some of them, see the families).
 */
public enum HashAlgorithm {
    ONE_AT_A_TIME(Jenkins::oneAtATime),
    MD5(Md5::hash),
    /** Not Redis Cluster's: more than 16 bits, see {@link Crc#crc16}. */
    CRC16(Crc::crc16),
    /** Fifteen bits of the real one, which is {@link #CRC32A}. */
    CRC32(Crc::crc32Short),
    CRC32A(Crc::crc32),
    FNV1_64(Fnv::fnv1Low64),
    FNV1A_64(Fnv::fnv1aLow64),
    FNV1_32(Fnv::fnv1),
    FNV1A_32(Fnv::fnv1a),
    HSIEH(Hsieh::hash),
    MURMUR(Murmur::hash),
    JENKINS(Jenkins::lookup3);

    private final HashFunction function;
    private final String configName = name().toLowerCase(Locale.ROOT);

    HashAlgorithm(HashFunction function) {
        this.function = function;
    }

    public static Optional<HashAlgorithm> named(String configName) {
        return Arrays.stream(values())
                .filter(algorithm -> algorithm.configName.equals(configName))
                .findFirst();
    }

    public String configName() {
        return configName;
    }

    /** The hash, to be read as unsigned. Allocates nothing; may be called from any thread. */
    public int hash(byte[] key, int offset, int length) {
        return function.hash(key, offset, length);
    }
}
