package io.sluice.proxy.testing;

import io.sluice.routing.Router;
import io.sluice.testing.MemcachedServer;
import io.sluice.testing.ServerFixture;
import io.sluice.testing.TextClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Several real memcached servers, and which of them a proxy over their ports asks for a key. */
public final class CacheShards implements ServerFixture {

    private final List<MemcachedServer> servers;
    private final Router router;

    private CacheShards(List<MemcachedServer> servers) {
        this.servers = servers;
        this.router = Router.of(proxy().definition());
    }

    public static CacheShards three() {
        return new CacheShards(
                Stream.generate(MemcachedServer::onFreePort).limit(3).toList());
    }

    /** A memcached proxy over all of them, not started, with the default hash and distribution. */
    public RunningProxy proxy() {
        return RunningProxy.overPorts(
                        servers.stream().mapToInt(MemcachedServer::port).toArray())
                .memcache();
    }

    public MemcachedServer server(int index) {
        return servers.get(index);
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

    public void flush() throws IOException {
        for (MemcachedServer server : servers) {
            try (TextClient client = server.connect()) {
                client.ask("flush_all");
            }
        }
    }

    @Override
    public void start() {
        servers.forEach(MemcachedServer::start);
    }

    @Override
    public void close() {
        servers.forEach(MemcachedServer::close);
    }
}
