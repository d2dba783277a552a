package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Shards;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;

/** Messages through the proxy, over three real servers. */
class PubSubIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    static final Shards shards = Shards.three();

    @AutoClose
    static final RunningProxy proxy = shards.proxy()
            .users(List.of(
                    "default on nopass allkeys allchannels allcommands",
                    "narrow on >secret allkeys resetchannels &news.* allcommands"));

    @BeforeAll
    static void start() throws ProxyStartException {
        proxy.start();
    }

    @Test
    void messagesOfChannelsOnEveryServerArriveInTheirOrder() throws IOException {
        try (RespClient subscriber = proxy.connect();
                RespClient publisher = proxy.connect()) {
            for (int server = 0; server < 3; server++) {
                assertThat(subscriber.call("SUBSCRIBE", on(server)))
                        .isEqualTo(List.of("subscribe", on(server), server + 1L));
            }
            for (int i = 0; i < 300; i++) {
                assertThat(publisher.call("PUBLISH", on(i % 3), "m" + i)).isEqualTo(1L);
            }

            List<List<String>> received = new ArrayList<>(List.of(List.of(), List.of(), List.of()));
            received.replaceAll(ArrayList::new);
            for (int i = 0; i < 300; i++) {
                List<?> message = (List<?>) Objects.requireNonNull(subscriber.receive());
                assertThat(message.get(0)).isEqualTo("message");
                received.get(IntStream.range(0, 3)
                                .filter(server -> on(server).equals(message.get(1)))
                                .findFirst()
                                .orElseThrow())
                        .add(String.valueOf(message.get(2)));
            }
            for (int server = 0; server < 3; server++) {
                int first = server;
                assertThat(received.get(server))
                        .isEqualTo(IntStream.range(0, 100)
                                .mapToObj(i -> "m" + (i * 3 + first))
                                .toList());
            }
        }
    }

    @Test
    void patternsMatchChannelsOfAllServersOnce() throws IOException {
        try (RespClient subscriber = proxy.connect();
                RespClient publisher = proxy.connect()) {
            assertThat(subscriber.call("PSUBSCRIBE", "pat*")).isEqualTo(List.of("psubscribe", "pat*", 1L));
            for (int server = 0; server < 3; server++) {
                String channel = shards.keyOn(server, "pat");
                publisher.call("PUBLISH", channel, "x");
                assertThat(subscriber.receive()).isEqualTo(List.of("pmessage", "pat*", channel, "x"));
            }

            assertThat(subscriber.call("PUNSUBSCRIBE")).isEqualTo(List.of("punsubscribe", "pat*", 0L));
            assertThat(subscriber.call("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void shardChannelsAreThoseOfTheirOwner() throws IOException {
        try (RespClient subscriber = proxy.connect();
                RespClient publisher = proxy.connect()) {
            assertThat(subscriber.call("SSUBSCRIBE", "s1")).isEqualTo(List.of("ssubscribe", "s1", 1L));
            assertThat(publisher.call("SPUBLISH", "s1", "x")).isEqualTo(1L);
            assertThat(subscriber.receive()).isEqualTo(List.of("smessage", "s1", "x"));
            assertThat(subscriber.call("SUNSUBSCRIBE")).isEqualTo(List.of("sunsubscribe", "s1", 0L));
        }
    }

    @Test
    void aSubscriberMaySayLittleElse() throws IOException {
        try (RespClient subscriber = proxy.connect()) {
            subscriber.call("SUBSCRIBE", "a");

            assertThat(subscriber.call("PING")).isEqualTo(List.of("pong", ""));
            assertThat(subscriber.call("PING", "x")).isEqualTo(List.of("pong", "x"));
            assertThat(subscriber.call("GET", "a"))
                    .isEqualTo(new RespError("ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING /"
                            + " QUIT / RESET are allowed in this context"));
            assertThat(subscriber.call("UNSUBSCRIBE")).isEqualTo(List.of("unsubscribe", "a", 0L));
            assertThat(subscriber.call("UNSUBSCRIBE")).isEqualTo(Arrays.asList("unsubscribe", null, 0L));
            assertThat(subscriber.call("GET", "a")).isNull();
        }
    }

    @Test
    void severalChannelsAreConfirmedEachInOneBatchWithWhatFollows() throws IOException {
        try (RespClient subscriber = proxy.connect()) {
            subscriber.send("SET", "k", "1");
            subscriber.send("SUBSCRIBE", on(0), on(1), on(0));
            subscriber.send("UNSUBSCRIBE");
            subscriber.send("GET", "k");

            assertThat(subscriber.receive()).isEqualTo("OK");
            assertThat(subscriber.receive()).isEqualTo(List.of("subscribe", on(0), 1L));
            assertThat(subscriber.receive()).isEqualTo(List.of("subscribe", on(1), 2L));
            assertThat(subscriber.receive()).isEqualTo(List.of("subscribe", on(0), 2L));
            assertThat(subscriber.receive()).isEqualTo(List.of("unsubscribe", on(0), 1L));
            assertThat(subscriber.receive()).isEqualTo(List.of("unsubscribe", on(1), 0L));
            assertThat(subscriber.receive()).isEqualTo("1");
        }
    }

    @Test
    void manyClientsShareOneConnectionToAServer() throws IOException {
        List<RespClient> subscribers = new ArrayList<>();
        try (RespClient publisher = proxy.connect()) {
            for (int i = 0; i < 50; i++) {
                RespClient subscriber = proxy.connect();
                subscribers.add(subscriber);
                subscriber.call("SUBSCRIBE", "shared");
            }

            assertThat(publisher.call("PUBLISH", "shared", "x")).isEqualTo(1L);

            for (RespClient subscriber : subscribers) {
                assertThat(subscriber.receive()).isEqualTo(List.of("message", "shared", "x"));
            }
        } finally {
            for (RespClient subscriber : subscribers) {
                subscriber.close();
            }
        }
        await().atMost(SOON).until(() -> Long.valueOf(0).equals(publish("shared")));
    }

    private static @Nullable Object publish(String channel) throws IOException {
        try (RespClient publisher = proxy.connect()) {
            return publisher.call("PUBLISH", channel, "x");
        }
    }

    @Test
    void aServerThatLosesItsConnectionsIsSubscribedToAgain() throws IOException {
        try (RespClient subscriber = proxy.connect();
                RespClient server = shards.server(0).connect()) {
            subscriber.call("SUBSCRIBE", on(0));
            server.call("CLIENT", "KILL", "TYPE", "pubsub");

            await().atMost(SOON).until(() -> Long.valueOf(1).equals(server.call("PUBLISH", on(0), "after")));

            assertThat(subscriber.receive()).isEqualTo(List.of("message", on(0), "after"));
        }
    }

    @Test
    void aSubscriberThatDoesNotReadIsClosedAtItsBound() throws Exception {
        try (RunningProxy small = shards.proxy().limits(bounded()).start();
                RespClient subscriber = small.connect();
                RespClient publisher = small.connect()) {
            subscriber.call("SUBSCRIBE", "flood");
            String text = "x".repeat(100_000);

            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> Long.valueOf(0).equals(publisher.call("PUBLISH", "flood", text)));
        }
    }

    private static Limits bounded() {
        Limits defaults = Limits.DEFAULTS;
        return new Limits(
                defaults.maxRequestBytes(),
                defaults.maxArguments(),
                defaults.maxInlineBytes(),
                defaults.clientMaxInFlight(),
                1 << 20,
                defaults.clientHeldBytes(),
                defaults.serverMaxInFlight(),
                defaults.serverQueueBytes(),
                defaults.maxClients(),
                4 << 20,
                defaults.serverStallTimeout(),
                defaults.processBufferBytes(),
                defaults.serverConnectsPerSecond());
    }

    @Test
    void rulesForChannelsAreObeyed() throws IOException {
        RespError refused =
                new RespError("NOPERM this user has no permissions to access one of the channels used as arguments");
        try (RespClient client = proxy.connect()) {
            client.call("AUTH", "narrow", "secret");

            assertThat(client.call("PUBLISH", "other", "x")).isEqualTo(refused);
            assertThat(client.call("PUBLISH", "news.a", "x")).isEqualTo(0L);
            assertThat(client.call("SUBSCRIBE", "news.a", "other")).isEqualTo(refused);
            assertThat(client.call("PSUBSCRIBE", "news.a*")).isEqualTo(refused);
            assertThat(client.call("PSUBSCRIBE", "news.*")).isEqualTo(List.of("psubscribe", "news.*", 1L));
        }
    }

    @Test
    void aMessageMayBePartOfATransaction() throws IOException {
        try (RespClient subscriber = proxy.connect();
                RespClient client = proxy.connect()) {
            subscriber.call("SUBSCRIBE", "t");
            client.call("MULTI");
            client.call("PUBLISH", "t", "x");

            assertThat(client.call("EXEC")).isEqualTo(Collections.singletonList(1L));

            assertThat(subscriber.receive()).isEqualTo(List.of("message", "t", "x"));
        }
    }

    @Test
    void jedisSubscriptionsWork() throws Exception {
        List<String> received = Collections.synchronizedList(new ArrayList<>());
        JedisPubSub listener = new JedisPubSub() {
            @Override
            public void onMessage(String channel, String message) {
                received.add(message);
                if (message.equals("end")) {
                    unsubscribe();
                }
            }
        };
        Thread subscriber = new Thread(() -> {
            try (Jedis jedis = new Jedis("127.0.0.1", proxy.port())) {
                jedis.subscribe(listener, "j1", "j2");
            }
        });
        subscriber.start();
        await().atMost(SOON).until(() -> listener.getSubscribedChannels() == 2);
        try (Jedis jedis = new Jedis("127.0.0.1", proxy.port())) {
            jedis.publish("j1", "a");
            await().atMost(SOON).until(() -> received.size() == 1);
            jedis.publish("j2", "end");
        }
        subscriber.join(SOON.toMillis());

        assertThat(received).containsExactly("a", "end");
        assertThat(subscriber.isAlive()).isFalse();
    }

    private static String on(int server) {
        return shards.keyOn(server, "channel");
    }
}
