package io.sluice.testing;

import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import java.util.stream.IntStream;

/** The ways in which twemproxy's file names servers, each of which decides differently where keys lie. */
public enum ServerStyle {
    /** Aliases of several lengths, mixed weights, a hash tag. */
    ALIASES("{}"),
    /** Addresses, the last of them a unix socket, mixed weights, a hash tag of two equal characters. */
    ADDRESSES("$$"),
    /** So many that rounding takes points from each of them; several names for one redis. */
    TWENTY_FIVE("{}");

    /** How many servers {@link #servers} takes. */
    public static final int REDIS_SERVERS = 5;

    private final String hashTag;

    ServerStyle(String hashTag) {
        this.hashTag = hashTag;
    }

    public String hashTag() {
        return hashTag;
    }

    /** The pool's servers over five running ones, the last of which listens on a unix socket too. */
    public List<Server> servers(List<RedisServer> redis) {
        return switch (this) {
            case ALIASES ->
                List.of(
                        new Server("gamma", tcp(redis.get(0)), 1),
                        new Server("beta", tcp(redis.get(1)), 3),
                        new Server("alpha", tcp(redis.get(2)), 2),
                        new Server("a-much-longer-alias", tcp(redis.get(3)), 7),
                        new Server("z", tcp(redis.get(4)), 1));
            case ADDRESSES ->
                List.of(
                        unnamed(tcp(redis.get(0)), 5),
                        unnamed(tcp(redis.get(1)), 1),
                        unnamed(tcp(redis.get(2)), 2),
                        unnamed(tcp(redis.get(3)), 3),
                        unnamed(ServerAddress.unix(redis.get(4).unixSocket().toString()), 4));
            case TWENTY_FIVE ->
                IntStream.range(0, 25)
                        .mapToObj(i -> new Server("server" + i, tcp(redis.get(i % REDIS_SERVERS)), 1))
                        .toList();
        };
    }

    /** A server as the file writes it. */
    public String line(Server server) {
        String weighted = server.address() + ":" + server.weight();
        return switch (this) {
            case ALIASES, TWENTY_FIVE -> weighted + " " + server.name();
            case ADDRESSES -> weighted;
        };
    }

    private static ServerAddress tcp(RedisServer redis) {
        return ServerAddress.tcp("127.0.0.1", redis.port());
    }

    private static Server unnamed(ServerAddress address, int weight) {
        return new Server(Server.ringName(address), address, weight);
    }
}
