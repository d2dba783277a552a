package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.testing.CacheShards;
import io.sluice.proxy.testing.RunningProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import net.rubyeye.xmemcached.GetsResponse;
import net.rubyeye.xmemcached.XMemcachedClient;
import net.spy.memcached.CASResponse;
import net.spy.memcached.CASValue;
import net.spy.memcached.ConnectionFactoryBuilder;
import net.spy.memcached.MemcachedClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two Java clients, in text mode, over three real servers. */
class MemcacheLibrariesIT {

    private static final int MANY = 500;

    @RegisterExtension
    static final CacheShards shards = CacheShards.three();

    @AutoClose
    static final RunningProxy proxy = shards.proxy();

    @BeforeAll
    static void start() throws ProxyStartException {
        proxy.start();
    }

    @BeforeEach
    void flush() throws IOException {
        shards.flush();
    }

    private static Map<String, String> many() {
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i < MANY; i++) {
            many.put("many" + i, "value " + i);
        }
        return many;
    }

    @Test
    void xmemcachedWorks() throws Exception {
        XMemcachedClient client = new XMemcachedClient("127.0.0.1", proxy.port());
        try {
            assertThat(client.add("k", 100, "b")).isTrue();
            assertThat(client.add("k", 100, "b")).isFalse();
            assertThat(client.replace("k", 100, "b")).isTrue();
            assertThat(client.append("k", "c")).isTrue();
            assertThat(client.prepend("k", "a")).isTrue();
            assertThat(client.<String>get("k")).isEqualTo("abc");
            GetsResponse<String> gets = client.gets("k");
            assertThat(client.cas("k", 100, "d", gets.getCas())).isTrue();
            assertThat(client.cas("k", 100, "e", gets.getCas())).isFalse();
            assertThat(client.incr("n", 5, 7)).isEqualTo(7);
            assertThat(client.incr("n", 5)).isEqualTo(12);
            assertThat(client.decr("n", 2)).isEqualTo(10);
            assertThat(client.touch("k", 100)).isTrue();
            assertThat(client.delete("k")).isTrue();
            assertThat(client.<String>get("k")).isNull();
            assertThat(client.getVersions().values()).containsExactly("1.5.16");
        } finally {
            client.shutdown();
        }
    }

    @Test
    void xmemcachedSendsAndGetsMany() throws Exception {
        XMemcachedClient client = new XMemcachedClient("127.0.0.1", proxy.port());
        try {
            for (Map.Entry<String, String> entry : many().entrySet()) {
                client.setWithNoReply(entry.getKey(), 0, entry.getValue());
            }
            assertThat(client.<String>get(many().keySet())).isEqualTo(many());
            for (String key : many().keySet()) {
                client.deleteWithNoReply(key);
            }
            assertThat(client.<String>get(many().keySet())).isEmpty();
            String large = "v".repeat(900_000);
            client.setPrimitiveAsString(true);
            assertThat(client.set("large", 0, large)).isTrue();
            assertThat(client.<String>get("large")).isEqualTo(large);
        } finally {
            client.shutdown();
        }
    }

    @Test
    void spymemcachedWorks() throws Exception {
        MemcachedClient client = spy();
        try {
            assertThat(client.add("k", 100, "b").get()).isTrue();
            assertThat(client.add("k", 100, "b").get()).isFalse();
            assertThat(client.replace("k", 100, "b").get()).isTrue();
            assertThat(client.append("k", "c").get()).isTrue();
            assertThat(client.prepend("k", "a").get()).isTrue();
            assertThat(client.get("k")).isEqualTo("abc");
            CASValue<Object> gets = client.gets("k");
            assertThat(client.cas("k", gets.getCas(), "d")).isEqualTo(CASResponse.OK);
            assertThat(client.cas("k", gets.getCas(), "e")).isEqualTo(CASResponse.EXISTS);
            client.set("n", 100, "7").get();
            assertThat(client.incr("n", 5)).isEqualTo(12);
            assertThat(client.decr("n", 2)).isEqualTo(10);
            assertThat(client.touch("k", 100).get()).isTrue();
            assertThat(client.delete("k").get()).isTrue();
            assertThat(client.get("k")).isNull();
            assertThat(client.getVersions().values()).containsExactly("1.5.16");
        } finally {
            client.shutdown();
        }
    }

    /** It merges gets that wait into one of many keys. */
    @Test
    void spymemcachedSendsAndGetsMany() throws Exception {
        MemcachedClient client = spy();
        try {
            List<Future<?>> replies = new ArrayList<>();
            many().forEach((key, value) -> replies.add(client.set(key, 0, value)));
            for (Future<?> reply : replies) {
                reply.get();
            }
            Map<String, Future<Object>> gets = new HashMap<>();
            many().keySet().forEach(key -> gets.put(key, client.asyncGet(key)));
            for (Map.Entry<String, Future<Object>> get : gets.entrySet()) {
                assertThat(get.getValue().get()).isEqualTo(many().get(get.getKey()));
            }
            assertThat(client.getBulk(many().keySet())).isEqualTo(many());
        } finally {
            client.shutdown();
        }
    }

    private static MemcachedClient spy() throws IOException {
        return new MemcachedClient(
                new ConnectionFactoryBuilder()
                        .setProtocol(ConnectionFactoryBuilder.Protocol.TEXT)
                        .build(),
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port())));
    }
}
