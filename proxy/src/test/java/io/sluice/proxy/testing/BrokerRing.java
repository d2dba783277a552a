package io.sluice.proxy.testing;

import static org.awaitility.Awaitility.await;

import io.sluice.proxy.topology.MemberStatus;
import io.sluice.routing.Router;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingChange.Kind;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TwoRings;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.Server;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Three servers in one ring and two proxies, each of which follows a ZooKeeper of its own: so the test, which is the
 * manager, decides when one is a step behind. Its third server is to be drained.
 */
public final class BrokerRing implements AutoCloseable {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int SERVERS = 3;
    private static final int DRAINED = 2;
    private static final String[] IDS = {"proxy-1", "proxy-2"};

    private final List<Ensemble> ensembles;
    private final List<RedisServer> servers = new ArrayList<>();
    private final List<RunningProxy> proxies = new ArrayList<>();
    private Topology topology;

    /** @param ensembles one for each proxy */
    public BrokerRing(List<Ensemble> ensembles, Path folder) throws Exception {
        this.ensembles = ensembles;
        int[] ports = new int[SERVERS];
        for (int i = 0; i < SERVERS; i++) {
            RedisServer server = RedisServer.onFreePort();
            server.start();
            servers.add(server);
            ports[i] = server.port();
        }
        RingPool ring =
                new RingPool(PoolProtocol.REDIS, RunningProxy.overPorts(ports).definition());
        topology = new Topology(1, 1, Map.of(ring.name(), ring));
        for (int i = 0; i < ensembles.size(); i++) {
            ensembles.get(i).write(topology);
            proxies.add(RunningProxy.in(ensembles.get(i).membership(IDS[i], folder))
                    .workers(2)
                    .monitored()
                    .start());
        }
        awaitApplied();
    }

    public RespClient client(int proxy) throws IOException {
        return proxies.get(proxy).connect();
    }

    public RunningProxy proxy(int index) {
        return proxies.get(index);
    }

    /** The one that is drained. */
    public RedisServer old() {
        return servers.get(DRAINED);
    }

    // ---- where keys are

    private static int owner(RingPool ring, String key) {
        byte[] bytes = key.getBytes(StandardCharsets.US_ASCII);
        int index = Router.of(ring.definition()).serverIndex(bytes, 0, bytes.length);
        return number(ring.definition().servers().get(index));
    }

    private static int number(Server server) {
        return Integer.parseInt(server.name().substring("server".length()));
    }

    /** So many names of queues that the drained server has; no two alike for different prefixes. */
    public List<String> queuesToMove(String prefix, int count) {
        return names(prefix, count, true);
    }

    /** The same of queues that stay where they are. */
    public List<String> queuesToStay(String prefix, int count) {
        return names(prefix, count, false);
    }

    private List<String> names(String prefix, int count, boolean move) {
        List<String> found = new ArrayList<>();
        for (int i = 0; found.size() < count; i++) {
            String name = prefix + i;
            if ((owner(ring(), name) == DRAINED) == move) {
                found.add(name);
            }
        }
        return found;
    }

    /** A connection to the server that gets a queue of the drained one. */
    public RespClient next(String queue) throws IOException {
        return servers.get(owner(ring().withServers(left()), queue)).connect();
    }

    private List<Server> left() {
        return ring().definition().servers().stream()
                .filter(server -> number(server) != DRAINED)
                .toList();
    }

    /** Whether nothing is left of these queues at servers that are not to have them. */
    public boolean isDrained(List<String> queues) throws IOException {
        TwoRings rings = TwoRings.of(ring()).orElseThrow();
        for (String queue : queues) {
            byte[] key = queue.getBytes(StandardCharsets.US_ASCII);
            if (rings.moves(key, 0, key.length)) {
                Server from = rings.servers().get(rings.before(key, 0, key.length));
                try (RespClient client = servers.get(number(from)).connect()) {
                    if (!Long.valueOf(0).equals(client.call("LLEN", queue))) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    // ---- the manager

    private RingPool ring() {
        return (RingPool) topology.pool(Ensemble.POOL).orElseThrow();
    }

    private Topology with(RingPool next) {
        return topology.withPool(next).at(topology.epoch() + 1, 1);
    }

    /** The third server is to go: nothing has changed for clients. */
    public Topology prepared() {
        return with(ring().withChange(RingChange.begin(
                "r-1",
                Kind.BROKER,
                left(),
                topology.epoch() + 1,
                Instant.now(),
                RingChange.WINDOW,
                RingChange.BROKER_GRACE)));
    }

    public Topology in(RingChangeState state) {
        RingChange change = ring().underway().orElseThrow();
        return with(ring().withChange(change.in(state, topology.epoch() + 1, Instant.now())));
    }

    /** Everything is to go back: the rings change places. */
    public Topology exchanged() {
        RingChange change = ring().underway().orElseThrow();
        List<Server> before = ring().definition().servers();
        return with(ring().withServers(change.next())
                .withChange(change.backTo(before, RingChangeState.SEALED, topology.epoch() + 1, Instant.now())));
    }

    /** The next servers are the servers. */
    public Topology done() {
        RingChange change = ring().underway().orElseThrow();
        return with(ring().withServers(change.next()).withoutChange());
    }

    /** One proxy hears of it, and the other does not yet. */
    public void tell(int proxy, Topology next) throws Exception {
        topology = next;
        ensembles.get(proxy).write(next);
    }

    /** Both hear of it, and acknowledge it. */
    public void tellAll(Topology next) throws Exception {
        for (int proxy = 0; proxy < proxies.size(); proxy++) {
            tell(proxy, next);
        }
        awaitApplied();
    }

    public void awaitApplied(int proxy) {
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> status(proxy).applied() == topology.epoch());
    }

    public void awaitApplied() {
        for (int proxy = 0; proxy < proxies.size(); proxy++) {
            awaitApplied(proxy);
        }
    }

    /** The epoch that new requests of a proxy follow, acknowledged or not. */
    public long epoch(int proxy) {
        return status(proxy).epoch();
    }

    public long epoch() {
        return topology.epoch();
    }

    private MemberStatus status(int proxy) {
        return proxies.get(proxy).proxy().membership().orElseThrow();
    }

    /** The documents stay. */
    @Override
    public void close() {
        proxies.forEach(RunningProxy::close);
        servers.forEach(RedisServer::close);
    }
}
