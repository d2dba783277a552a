package io.sluice.manager.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.redis.PoolLogins;
import io.sluice.manager.redis.RedisLogin;
import io.sluice.manager.redis.RedisTls;
import io.sluice.manager.store.ConnectionBook;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.testing.MemoryConnections;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an aborted handoff has left at its target, when those who clear it know less than those who copied. */
class LeftCopiesIT {

    private static final SlotSet BROUGHT = SlotSet.range(0, 8191);
    private static final Handoff GONE = Handoff.begin("h-0", BROUGHT, "a", "b", 0);

    /** Of slot 5061. */
    private static final String COPIED = "bar";

    /** Of slot 12182. */
    private static final String OWN = "foo";

    @TempDir
    private Path folder;

    private final MemoryConnections book = new MemoryConnections();
    private final RedisServer target = RedisServer.onFreePort();

    @BeforeEach
    void fill() throws IOException {
        target.start();
        try (RespClient client = target.connect()) {
            client.call("SET", COPIED, "1");
            client.call("SET", OWN, "1");
        }
    }

    @AfterEach
    void stop() {
        target.close();
    }

    private void copyHasBegun() throws StoreException {
        book.open("h-0", new ConnectionBook.Cargo("alpha", BROUGHT.toString(), "a", "b"));
    }

    private Mover mover(SlotPool pool, PoolLogins logins) {
        return new EngineMovers(book, new FakePlane(), logins, MigrationConfig.DEFAULT, folder).moverOf(pool, GONE);
    }

    /** The shard to which was copied, with others. */
    private SlotPool pool(Shard... others) {
        Map<String, Shard> shards = new LinkedHashMap<>();
        ServerAddress address = ServerAddress.tcp("127.0.0.1", target.port());
        shards.put("b", new Shard("b", address, List.of(), SlotSet.range(8192, 16383)));
        for (Shard other : others) {
            shards.put(other.name(), other);
        }
        return new SlotPool("alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, shards, Map.of());
    }

    private @Nullable Object keys() throws IOException {
        try (RespClient client = target.connect()) {
            return client.call("KEYS", "*");
        }
    }

    @Test
    void goAlsoWhenTheShardFromWhichTheyCameIsGone() throws Exception {
        copyHasBegun();
        try (Mover mover = mover(pool(), PoolLogins.NONE)) {
            assertThat(mover.purgeTarget(key -> true)).isEmpty();

            assertThat(keys()).isEqualTo(List.of(OWN));
            assertThat(mover.cleanSource()).contains("a shard of the handoff is gone");
        }
    }

    @Test
    void goAlsoWhenTheirSourceCannotBeReachedByMovers() throws Exception {
        copyHasBegun();
        Shard source = new Shard("a", ServerAddress.unix("/run/redis.sock"), List.of(), BROUGHT);
        try (Mover mover = mover(pool(source), PoolLogins.NONE)) {
            assertThat(mover.purgeTarget(key -> true)).isEmpty();

            assertThat(keys()).isEqualTo(List.of(OWN));
        }
    }

    @Test
    void areNotThoughtToBeGoneWhenTheTargetCannotBeReachedByMovers() throws Exception {
        copyHasBegun();
        Shard source = new Shard("a", ServerAddress.tcp("127.0.0.1", 7001), List.of(), BROUGHT);
        PoolLogins tls = new PoolLogins(Map.of("alpha", new RedisLogin(null, null, RedisTls.trusting(null))));
        try (Mover mover = mover(pool(source), tls)) {
            assertThat(mover.purgeTarget(key -> true))
                    .contains("pool alpha has server_tls: data movers do not speak TLS yet");

            assertThat((List<?>) keys()).hasSize(2);
        }
    }

    @Test
    void areNotLookedForWhereNothingWasEverBrought() throws Exception {
        try (Mover mover = mover(pool(), PoolLogins.NONE)) {
            assertThat(mover.purgeTarget(key -> true)).isEmpty();

            assertThat((List<?>) keys()).hasSize(2);
        }
    }
}
