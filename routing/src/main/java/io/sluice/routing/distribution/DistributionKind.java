package io.sluice.routing.distribution;

import io.sluice.routing.hash.HashAlgorithm;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The distributions by the names the config files use. */
public enum DistributionKind {
    KETAMA,
    MODULA,
    RANDOM,
    SLOTS;

    private final String configName = name().toLowerCase(Locale.ROOT);

    public static Optional<DistributionKind> named(String configName) {
        return Arrays.stream(values())
                .filter(kind -> kind.configName.equals(configName))
                .findFirst();
    }

    public String configName() {
        return configName;
    }

    /** Why keys hashed like that do not spread over the servers, if that is so: something to warn of. */
    public Optional<String> whyKeysPileUp(HashAlgorithm hash) {
        if (this != KETAMA) {
            return Optional.empty();
        }
        return switch (hash) {
            case CRC32 ->
                Optional.of("crc32 has values up to 32767 only, but the ketama ring is 2^32 wide:"
                        + " nearly all keys go to one server (crc32a has all 32 bits)");
            case CRC16 ->
                Optional.of("crc16 has at most 24 bits for keys of one or two bytes, but the ketama ring is 2^32 wide:"
                        + " short keys go to one server");
            case ONE_AT_A_TIME, MD5, CRC32A, FNV1_64, FNV1A_64, FNV1_32, FNV1A_32, HSIEH, MURMUR, JENKINS ->
                Optional.empty();
        };
    }
}
