package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.KeyValue;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.support.ConnectionPoolSupport;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Shards;
import io.sluice.testing.RedisServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.pool2.impl.GenericObjectPool;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisDataException;

/** The two usual Java clients with the settings they come with. */
class ClientLibrariesIT {

    private static final String PASSWORD = "a-password";
    private static final int PIPELINE = 2_000;

    @RegisterExtension
    static final Shards shards = Shards.three();

    @RegisterExtension
    static final Shards guarded = Shards.of(
            RedisServer.onFreePort().withPassword(PASSWORD),
            RedisServer.onFreePort().withPassword(PASSWORD));

    @AutoClose
    static final RunningProxy proxy = shards.proxy();

    @AutoClose
    static final RunningProxy asking = guarded.proxy().redisAuth(PASSWORD);

    @BeforeAll
    static void start() throws ProxyStartException {
        proxy.start();
        asking.start();
    }

    @BeforeEach
    void flush() throws IOException {
        shards.flush();
    }

    // ---- jedis

    @Test
    void aJedisConnectionWorks() {
        try (Jedis jedis = new Jedis("127.0.0.1", proxy.port())) {
            assertThat(jedis.ping()).isEqualTo("PONG");
            assertThat(jedis.set("a", "1")).isEqualTo("OK");
            assertThat(jedis.incr("a")).isEqualTo(2L);
            assertThat(jedis.mset("b", "2", "c", "3")).isEqualTo("OK");
            assertThat(jedis.mget("a", "nosuch", "b", "c")).containsExactly("2", null, "2", "3");
            assertThat(jedis.hset("h", Map.of("f", "v"))).isEqualTo(1L);
            assertThat(jedis.hgetAll("h")).isEqualTo(Map.of("f", "v"));
            assertThat(jedis.zadd("z", 1.5, "m")).isEqualTo(1L);
            assertThat(jedis.zscore("z", "m")).isEqualTo(1.5);
            assertThat(jedis.exists("a", "b", "c", "nosuch")).isEqualTo(3L);
            assertThat(jedis.del("a", "b", "c")).isEqualTo(3L);
            assertThatThrownBy(() -> jedis.lpush("h", "x")).isInstanceOf(JedisDataException.class);
            assertThat(jedis.ping()).isEqualTo("PONG");
        }
    }

    @Test
    void aJedisPoolServesManyThreads() {
        try (var jedis = redis.clients.jedis.RedisClient.create("127.0.0.1", proxy.port())) {
            List<String> read = IntStream.range(0, 200)
                    .parallel()
                    .mapToObj(i -> {
                        jedis.set("key" + i, "value" + i);
                        return jedis.get("key" + i);
                    })
                    .toList();

            assertThat(read)
                    .isEqualTo(
                            IntStream.range(0, 200).mapToObj(i -> "value" + i).toList());
        }
    }

    @Test
    void aJedisPipelineGetsItsReplies() {
        try (var jedis = redis.clients.jedis.RedisClient.create("127.0.0.1", proxy.port());
                Pipeline pipeline = jedis.pipelined()) {
            List<Response<String>> replies = new ArrayList<>();
            for (int i = 0; i < PIPELINE; i++) {
                pipeline.set("key" + i % 50, "value" + i);
                replies.add(pipeline.get("key" + i % 50));
            }
            pipeline.sync();

            for (int i = 0; i < PIPELINE; i++) {
                assertThat(replies.get(i).get()).isEqualTo("value" + i);
            }
        }
    }

    @Test
    void jedisSaysThePassword() {
        String url = "redis://:" + PASSWORD + "@127.0.0.1:" + asking.port();
        try (var jedis = redis.clients.jedis.RedisClient.create(url)) {
            assertThat(jedis.set("a", "1")).isEqualTo("OK");
            assertThat(jedis.mget("a", "b")).containsExactly("1", null);
        }
        DefaultJedisClientConfig wrong =
                DefaultJedisClientConfig.builder().password("wrong").build();
        assertThatThrownBy(() -> new Jedis("127.0.0.1", asking.port(), wrong).ping())
                .isInstanceOf(JedisDataException.class);
        try (Jedis jedis = new Jedis("127.0.0.1", asking.port())) {
            assertThatThrownBy(() -> jedis.get("a"))
                    .isInstanceOf(JedisDataException.class)
                    .hasMessageContaining("NOAUTH");
            assertThat(jedis.auth(PASSWORD)).isEqualTo("OK");
            assertThat(jedis.get("a")).isEqualTo("1");
        }
    }

    // ---- lettuce

    @Test
    void lettuceWorksOneCommandAtATime() {
        RedisClient client = RedisClient.create(uri(proxy));
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            RedisCommands<String, String> redis = connection.sync();

            assertThat(redis.ping()).isEqualTo("PONG");
            assertThat(redis.set("a", "1")).isEqualTo("OK");
            assertThat(redis.mset(Map.of("b", "2", "c", "3"))).isEqualTo("OK");
            assertThat(redis.mget("a", "nosuch", "c"))
                    .containsExactly(KeyValue.just("a", "1"), KeyValue.empty("nosuch"), KeyValue.just("c", "3"));
            assertThat(redis.hset("h", "f", "v")).isTrue();
            assertThat(redis.hgetall("h")).isEqualTo(Map.of("f", "v"));
            assertThat(redis.zadd("z", 2.5, "m")).isEqualTo(1L);
            assertThat(redis.zscore("z", "m")).isEqualTo(2.5);
            assertThat(redis.exists("a", "b", "c", "nosuch")).isEqualTo(3L);
            assertThat(redis.unlink("a", "b", "c")).isEqualTo(3L);
            assertThatThrownBy(() -> redis.lpush("h", "x")).hasMessageContaining("WRONGTYPE");
            assertThat(redis.multi()).isEqualTo("OK");
            assertThat(redis.set("t", "1")).isNull(); // queued
            assertThat(redis.exec().<String>get(0)).isEqualTo("OK");
            assertThat(redis.ping()).isEqualTo("PONG");
        } finally {
            end(client);
        }
    }

    @Test
    void lettucePipelinesOverOneConnection() throws Exception {
        RedisClient client = RedisClient.create(uri(proxy));
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            RedisAsyncCommands<String, String> redis = connection.async();
            List<RedisFuture<String>> reads = new ArrayList<>();
            for (int i = 0; i < PIPELINE; i++) {
                var unused = redis.set("key" + i % 50, "value" + i);
                reads.add(redis.get("key" + i % 50));
            }

            assertThat(LettuceFutures.awaitAll(Duration.ofSeconds(20), reads.toArray(new RedisFuture<?>[0])))
                    .isTrue();
            for (int i = 0; i < PIPELINE; i++) {
                assertThat(reads.get(i).get()).isEqualTo("value" + i);
            }
        } finally {
            end(client);
        }
    }

    @Test
    void aPoolOfLettuceConnectionsWorks() {
        RedisClient client = RedisClient.create(uri(proxy));
        try (GenericObjectPool<StatefulRedisConnection<String, String>> pool =
                ConnectionPoolSupport.createGenericObjectPool(client::connect, new GenericObjectPoolConfig<>())) {
            List<String> read = IntStream.range(0, 200)
                    .parallel()
                    .mapToObj(i -> setAndGet(pool, i))
                    .toList();

            assertThat(read)
                    .isEqualTo(
                            IntStream.range(0, 200).mapToObj(i -> "value" + i).toList());
        } finally {
            end(client);
        }
    }

    private static String setAndGet(GenericObjectPool<StatefulRedisConnection<String, String>> pool, int i) {
        try (StatefulRedisConnection<String, String> connection = pool.borrowObject()) {
            connection.sync().set("key" + i, "value" + i);
            return connection.sync().get("key" + i);
        } catch (Exception e) { // as the pool declares it
            throw new IllegalStateException(e);
        }
    }

    @Test
    void lettuceSaysThePassword() {
        RedisURI uri = uri(asking);
        uri.setAuthentication(PASSWORD.toCharArray());
        RedisClient client = RedisClient.create(uri);
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            assertThat(connection.sync().set("a", "1")).isEqualTo("OK");
            assertThat(connection.sync().get("a")).isEqualTo("1");
        } finally {
            end(client);
        }
    }

    @Test
    void lettuceWithAWrongPasswordIsRefused() {
        RedisURI uri = uri(asking);
        uri.setAuthentication("wrong".toCharArray());
        RedisClient client = RedisClient.create(uri);
        try {
            assertThatThrownBy(() -> client.connect().close()).hasRootCauseMessage("ERR invalid password");
        } finally {
            end(client);
        }
    }

    private static RedisURI uri(RunningProxy target) {
        return RedisURI.create("127.0.0.1", target.port());
    }

    private static void end(RedisClient client) {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
    }
}
