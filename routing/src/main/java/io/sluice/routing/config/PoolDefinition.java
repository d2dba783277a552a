package io.sluice.routing.config;

import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.hash.HashTag;
import io.sluice.routing.topology.Server;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a pool spreads its keys over its servers, as the file says.
 *
 * @param name the pool's name
 * @param hash what turns a key into a number; for slots not asked: their number implies it ({@code SlotHash})
 * @param hashTag the two characters between which the hashed part of a key lies, if any; for slots not asked either
 * @param distribution what turns the number into a server
 * @param servers in index order: sorted as twemproxy sorts them, or, for slots, as the file lists them
 * @param slotOwners for slots: the index of the server that owns each of the 1024 or 16384 slots, or -1; else empty
 */
public record PoolDefinition(
        String name,
        HashAlgorithm hash,
        @Nullable HashTag hashTag,
        DistributionKind distribution,
        List<Server> servers,
        List<Integer> slotOwners) {

    public PoolDefinition {
        servers = List.copyOf(servers);
        slotOwners = List.copyOf(slotOwners);
    }
}
