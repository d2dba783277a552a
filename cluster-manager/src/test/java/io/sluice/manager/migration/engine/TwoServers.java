package io.sluice.manager.migration.engine;

import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;

/** A source and a target for each test, and copies between them whose every connection is written down. */
final class TwoServers implements AutoCloseable {

    /** The lower half of the slots. */
    static final KeyFilter HALF = KeyFilter.slots(SlotHash.REDIS_CLUSTER, SlotSet.range(0, 8191));

    /** So high that nothing waits, and nothing slows down on a busy machine. */
    static final CopyLimits FAST = CopyLimits.DEFAULTS
            .withKeysPerSecond(1_000_000)
            .withBytesPerSecond(1L << 30)
            .withSlowDownAbove(Duration.ofSeconds(10));

    static final Duration PATIENCE = Duration.ofSeconds(60);

    final RedisServer source;
    final RedisServer target;
    final Set<MaintenanceConnection> registered = ConcurrentHashMap.newKeySet();
    final Path spool;

    TwoServers(Path spool) {
        this(spool, RedisServer.onFreePort(), RedisServer.onFreePort());
    }

    TwoServers(Path spool, RedisServer source, RedisServer target) {
        this.spool = spool;
        this.source = source.withArguments("--enable-debug-command", "yes");
        this.target = target.withArguments("--enable-debug-command", "yes");
        source.start();
        target.start();
    }

    static RedisEndpoint endpoint(RedisServer server) {
        return RedisEndpoint.of(ServerAddress.tcp("127.0.0.1", server.port()));
    }

    static KeyFilter filter(EngineKind engine) {
        return engine == EngineKind.REPLICA ? KeyFilter.everything() : HALF;
    }

    SlotCopy copy(EngineKind engine, CopyLimits limits) {
        return copy(engine, limits, filter(engine));
    }

    SlotCopy copy(EngineKind engine, CopyLimits limits, KeyFilter moving) {
        return engine.prepare(new CopyPlan(
                "test-" + engine,
                endpoint(source),
                List.of(),
                endpoint(target),
                moving,
                registered::add,
                limits,
                spool));
    }

    static void awaitCaughtUp(SlotCopy copy) {
        Awaitility.await("the copy catches up")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .failFast(() -> checkRunning(copy))
                .until(copy::caughtUp);
    }

    private static void checkRunning(SlotCopy copy) {
        CopyProgress progress = copy.progress();
        if (progress.state().isOver()) {
            throw new AssertionError(progress.state() + ": " + progress.error());
        }
    }

    static CopyFailure awaitFailure(SlotCopy copy) {
        Awaitility.await("the copy fails")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> copy.progress().state().isOver());
        return copy.progress().failure().orElseThrow();
    }

    RespClient toSource() throws IOException {
        return source.connect();
    }

    RespClient toTarget() throws IOException {
        return target.connect();
    }

    @Override
    public void close() {
        source.close();
        target.close();
    }
}
