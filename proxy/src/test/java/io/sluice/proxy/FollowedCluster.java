package io.sluice.proxy;

import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.testing.Ensemble;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.topology.MemberStatus;
import io.sluice.routing.cluster.Topology;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.ServerFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * ZooKeeper, and two servers that say who they are, for a class of tests; and the processes of one proxy, which follow the
 * topology there until the end of a test. Then nothing is left in ZooKeeper.
 */
final class FollowedCluster implements ServerFixture, BeforeEachCallback, AfterEachCallback {

    static final Duration SOON = Duration.ofSeconds(30);

    /** Of the proxy. */
    static final String ID = "proxy-1";

    private final RedisServer a = RedisServer.onFreePort();
    private final RedisServer b = RedisServer.onFreePort();
    private final List<RunningProxy> started = new ArrayList<>();
    private @Nullable Ensemble ensemble;

    @Override
    public void start() {
        a.start();
        b.start();
        try {
            ensemble = Ensemble.of(1);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        try {
            if (ensemble != null) {
                ensemble.close();
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        } finally {
            a.close();
            b.close();
        }
    }

    /** Each server has its own name. */
    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        for (RedisServer server : List.of(a, b)) {
            try (RespClient client = server.connect()) {
                client.call("FLUSHALL");
                client.call("SET", "who", server == a ? "a" : "b");
            }
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        started.forEach(RunningProxy::close);
        started.clear();
        if (ensemble().client().checkExists().forPath(Ensemble.PATHS.root()) != null) {
            ensemble().client().delete().deletingChildrenIfNeeded().forPath(Ensemble.PATHS.root());
        }
    }

    Ensemble ensemble() {
        if (ensemble == null) {
            throw new IllegalStateException("not started");
        }
        return ensemble;
    }

    RedisServer a() {
        return a;
    }

    RedisServer b() {
        return b;
    }

    /** Starts a process of the proxy, which has its files in this folder. */
    RunningProxy proxy(Path folder) throws Exception {
        return proxy(RunningProxy.in(ensemble().membership(ID, folder)).monitored());
    }

    /** Starts this one. */
    RunningProxy proxy(RunningProxy proxy) throws Exception {
        started.add(proxy);
        return proxy.start();
    }

    /** A topology in which one of the servers owns all slots. */
    Topology all(long epoch, RedisServer owner) {
        return Ensemble.allWith(epoch, owner == a ? 0 : 1, a.port(), b.port());
    }

    /** Which server a client reads from. */
    static Object who(RunningProxy proxy) throws Exception {
        try (RespClient client = proxy.connect()) {
            return String.valueOf(client.call("GET", "who"));
        }
    }

    static MemberStatus status(RunningProxy proxy) {
        return proxy.proxy().membership().orElseThrow();
    }

    static void awaitEpoch(RunningProxy proxy, long epoch) {
        await().atMost(SOON).until(() -> status(proxy).applied() == epoch);
    }

    /** The same file but for the number of clients. */
    static ProxyConfig withClients(ProxyConfig file, int maxClients) {
        Limits d = Limits.DEFAULTS;
        Limits limits = new Limits(
                d.maxRequestBytes(),
                d.maxArguments(),
                d.maxInlineBytes(),
                d.clientMaxInFlight(),
                d.clientBufferBytes(),
                d.clientHeldBytes(),
                d.serverMaxInFlight(),
                d.serverQueueBytes(),
                maxClients);
        return new ProxyConfig(
                file.workers(),
                file.transport(),
                file.shutdownTimeout(),
                limits,
                file.pools(),
                file.monitoring(),
                file.lifecycle(),
                file.zookeeper(),
                List.of());
    }
}
