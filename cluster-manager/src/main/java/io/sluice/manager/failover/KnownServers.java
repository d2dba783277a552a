package io.sluice.manager.failover;

import io.sluice.routing.cluster.Shard;
import io.sluice.routing.topology.ServerAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The servers of a shard under the names that the topology has for them. Asks DNS; blocks. */
final class KnownServers {

    private final List<ServerAddress> servers;

    private KnownServers(List<ServerAddress> servers) {
        this.servers = servers;
    }

    static KnownServers of(Shard shard) {
        return new KnownServers(all(shard));
    }

    /** The primary first. */
    static List<ServerAddress> all(Shard shard) {
        return Stream.concat(Stream.of(shard.primary()), shard.replicas().stream())
                .toList();
    }

    /**
     * Servers and sentinels name each other by IP address mostly, people by host: the one that is meant, or the reported
     * address itself if it is none of these.
     */
    ServerAddress meant(ServerAddress reported) {
        if (servers.contains(reported)) {
            return reported;
        }
        Set<InetAddress> addresses = addresses(reported);
        return servers.stream()
                .filter(server -> server.port() == reported.port() && !server.isUnixSocket())
                .filter(server -> addresses(server).stream().anyMatch(addresses::contains))
                .findFirst()
                .orElse(reported);
    }

    private static Set<InetAddress> addresses(ServerAddress server) {
        return Optional.of(server)
                .filter(tcp -> !tcp.isUnixSocket())
                .map(tcp -> resolved(tcp.hostOrPath()))
                .orElse(Set.of());
    }

    private static Set<InetAddress> resolved(String host) {
        try {
            return Arrays.stream(InetAddress.getAllByName(host)).collect(Collectors.toUnmodifiableSet());
        } catch (UnknownHostException e) {
            return Set.of(); // then it is nobody we know
        }
    }
}
