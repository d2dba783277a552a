package io.sluice.proxy.testing;

import io.sluice.routing.Router;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.ServerFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Several real servers, and which of them a proxy over their ports asks for a key. */
public final class Shards implements ServerFixture {

    private final List<RedisServer> servers;
    private final Router router;

    private Shards(List<RedisServer> servers) {
        this.servers = List.copyOf(servers);
        this.router = Router.of(proxy().definition());
    }

    public static Shards three() {
        return of(RedisServer.onFreePort(), RedisServer.onFreePort(), RedisServer.onFreePort());
    }

    public static Shards of(RedisServer... servers) {
        return new Shards(List.of(servers));
    }

    /** A proxy over all of them, not started, with the default hash and distribution. */
    public RunningProxy proxy() {
        return RunningProxy.overPorts(
                servers.stream().mapToInt(RedisServer::port).toArray());
    }

    public RedisServer server(int index) {
        return servers.get(index);
    }

    public int count() {
        return servers.size();
    }

    /** The server of a key in a proxy without a hash tag. */
    public int owner(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
        return router.serverIndex(bytes, 0, bytes.length);
    }

    /** A key of that server, always the same for the same prefix. */
    public String keyOn(int server, String prefix) {
        return IntStream.range(0, 10_000)
                .mapToObj(i -> prefix + i)
                .filter(key -> owner(key) == server)
                .findFirst()
                .orElseThrow();
    }

    /** So many keys that each server has some. */
    public static List<String> keys(String prefix, int count) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            keys.add(prefix + i * 7919);
        }
        return keys;
    }

    public void flush() throws IOException {
        for (RedisServer server : servers) {
            try (RespClient client = server.connect()) {
                client.call("FLUSHALL");
            }
        }
    }

    @Override
    public void start() {
        servers.forEach(RedisServer::start);
    }

    @Override
    public void close() {
        servers.forEach(RedisServer::close);
    }
}
