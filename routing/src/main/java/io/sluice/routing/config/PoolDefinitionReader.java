package io.sluice.routing.config;

import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.hash.HashTag;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.Server;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the keys of a pool that say where its keys belong: hash, hash_tag, distribution, servers, slots. */
public final class PoolDefinitionReader {
    /** twemproxy hashes longer names together with what happens to lie behind its buffer. */
    static final int MAX_RING_NAME_BYTES = 82;

    /** On the ring a server has 40 times four points, times what its weight is beside the average. */
    private static final int DIGESTS_PER_SERVER = 40;

    private static final ScalarType<HashAlgorithm> HASH =
            ScalarType.oneOf("a hash", List.of(HashAlgorithm.values()), HashAlgorithm::configName);
    private static final ScalarType<HashTag> HASH_TAG = ScalarType.of(
            "a hash tag", "exactly two characters, in quotes, such as \"{}\"", PoolDefinitionReader::hashTag);
    private static final ScalarType<SlotHash> SLOTS = ScalarType.oneOf(
            "a number of slots",
            List.of(SlotHash.REDIS_CLUSTER, SlotHash.CODIS),
            kind -> Integer.toString(kind.slots()));
    private static final String RANGES = "the name of each server with its slots";

    private final YamlSection pool;
    private final Dialect dialect;

    private PoolDefinitionReader(YamlSection pool, Dialect dialect) {
        this.pool = pool;
        this.dialect = dialect;
    }

    /** The definition, harmless in those parts where mistakes were found. */
    public static PoolDefinition read(String name, YamlSection pool, Dialect dialect) {
        return new PoolDefinitionReader(pool, dialect).read(name);
    }

    /** Servers in the same form under another key, in ring order; those that are mistaken are left out. */
    public static List<Server> servers(YamlSection section, String key) {
        return ServerList.read(section, key, Dialect.SLUICE).stream()
                .sorted(Server.RING_ORDER)
                .toList();
    }

    private PoolDefinition read(String name) {
        DistributionKind distribution = pool.value("distribution", DistributionKind.KETAMA, distributionType());
        List<Server> servers = ServerList.read(pool, dialect);
        return distribution == DistributionKind.SLOTS ? slotPool(name, servers) : ringPool(name, distribution, servers);
    }

    private PoolDefinition ringPool(String name, DistributionKind distribution, List<Server> servers) {
        HashAlgorithm hash = pool.value("hash", HashAlgorithm.FNV1A_64, HASH);
        @Nullable HashTag tag = pool.optional("hash_tag", HASH_TAG).orElse(null);
        if (dialect == Dialect.SLUICE) {
            rejectSlotKeys();
        }
        distribution.whyKeysPileUp(hash).ifPresent(reason -> pool.warning("hash", reason));
        if (distribution == DistributionKind.KETAMA) {
            warnOfOddServers(servers);
        }
        List<Server> sorted = servers.stream().sorted(Server.RING_ORDER).toList();
        return new PoolDefinition(name, hash, tag, distribution, sorted, List.of());
    }

    private void warnOfOddServers(List<Server> servers) {
        double total = servers.stream().mapToLong(Server::weight).sum();
        for (Server server : servers) {
            if (server.weight() / total * DIGESTS_PER_SERVER * servers.size() < 1) {
                pool.warning(
                        "servers", Words.quoted(server.name()) + " owns no key: its weight is too small for ketama");
            }
            if (dialect == Dialect.TWEMPROXY
                    && server.name().getBytes(StandardCharsets.UTF_8).length > MAX_RING_NAME_BYTES) {
                pool.warning(
                        "servers",
                        Words.quoted(server.name()) + " has more than " + MAX_RING_NAME_BYTES
                                + " bytes: its keys are not where twemproxy has them");
            }
        }
    }

    private PoolDefinition slotPool(String name, List<Server> servers) {
        SlotHash kind = pool.value("slots", SlotHash.REDIS_CLUSTER, SLOTS);
        rejectOtherThan(
                "hash",
                pool.optional("hash", HASH),
                kind.algorithm(),
                kind.algorithm().configName(),
                kind);
        rejectOtherThan("hash_tag", pool.optional("hash_tag", HASH_TAG), HashTag.BRACES, "\"{}\"", kind);
        List<Integer> owners = owners(servers, kind.slots());
        return new PoolDefinition(name, kind.algorithm(), HashTag.BRACES, DistributionKind.SLOTS, servers, owners);
    }

    private List<Integer> owners(List<Server> servers, int slots) {
        Optional<YamlSection> ranges = pool.section("slot_ranges", RANGES);
        if (servers.isEmpty()) {
            return List.of(); // told already
        }
        if (servers.size() > slots) {
            pool.mistake("servers", servers.size() + " servers for " + slots + " slots; expected at most one for each");
        }
        return ranges.map(section -> SlotRanges.read(pool, section, servers, slots))
                .orElseGet(() -> inProportion(servers, slots));
    }

    private List<Integer> inProportion(List<Server> servers, int slots) {
        List<Integer> owners = SlotRanges.inProportion(servers, slots);
        for (int i = 0; i < servers.size(); i++) {
            if (!owners.contains(i)) {
                String server = Words.quoted(servers.get(i).name());
                pool.warning("servers", server + " owns no slot: its weight is too small for " + slots + " slots");
            }
        }
        return owners;
    }

    private void rejectSlotKeys() {
        pool.optional("slots", SLOTS);
        pool.section("slot_ranges", RANGES);
        Stream.of("slots", "slot_ranges")
                .filter(pool::has)
                .forEach(key -> pool.mistakenKey(key, "found without 'distribution: slots'; expected both or neither"));
    }

    private <T> void rejectOtherThan(String key, Optional<T> found, T implied, String shown, SlotHash kind) {
        if (found.isPresent() && !found.get().equals(implied)) {
            pool.mistake(
                    key,
                    "cannot be chosen with 'slots: " + kind.slots() + "'; expected " + shown + ", or the key left out");
        }
    }

    private ScalarType<DistributionKind> distributionType() {
        return switch (dialect) {
            case TWEMPROXY ->
                ScalarType.oneOf(
                        "a distribution",
                        List.of(DistributionKind.KETAMA, DistributionKind.MODULA, DistributionKind.RANDOM));
            case SLUICE ->
                ScalarType.oneOf("a distribution", List.of(DistributionKind.values()), DistributionKind::configName);
        };
    }

    /** Two bytes, as twemproxy counts. */
    private static Optional<HashTag> hashTag(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length == 2 ? Optional.of(HashTag.of(text)) : Optional.empty();
    }
}
