package io.sluice.routing;

import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.hash.HashTag;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Pools as tests write them: servers as {@code name:weight}, put into twemproxy's order. */
public final class Pools {

    private Pools() {}

    public static PoolDefinition pool(DistributionKind distribution, HashAlgorithm hash, String... servers) {
        return pool(distribution, hash, null, servers);
    }

    public static PoolDefinition pool(
            DistributionKind distribution, HashAlgorithm hash, @Nullable HashTag hashTag, String... servers) {
        List<Server> sorted = new ArrayList<>(Arrays.stream(servers)
                .map(Pools::server)
                .sorted(Server.RING_ORDER)
                .toList());
        return new PoolDefinition("alpha", hash, hashTag, distribution, sorted, List.of());
    }

    /** So many servers of the same weight. */
    public static List<Server> equalServers(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> server("server" + i + ":1"))
                .sorted(Server.RING_ORDER)
                .toList();
    }

    public static Server server(String nameAndWeight) {
        int colon = nameAndWeight.lastIndexOf(':');
        return new Server(
                nameAndWeight.substring(0, colon),
                ServerAddress.tcp("127.0.0.1", 6379),
                Integer.parseInt(nameAndWeight.substring(colon + 1)));
    }
}
