package io.sluice.proxy.testing;

import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.backend.BackendConnection;
import io.sluice.proxy.backend.BackendPools;
import io.sluice.proxy.backend.BackendSettings;
import io.sluice.proxy.backend.ConnectPacer;
import io.sluice.proxy.backend.PoolServer;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.transport.OutBytes;
import io.sluice.proxy.transport.StillLoop;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Servers of a pool that are being connected to and never answer: what they are to get waits in their out buffers. For
 * one thread, which is the event loop.
 */
public final class StillServers implements AutoCloseable {

    /** Which of all clients asks, where that makes no difference. */
    public static final int CLIENT = 1;

    private final StillLoop loop = new StillLoop();
    private final Protocol protocol;
    private final BackendSettings settings;
    private final PoolCounters counters;
    private final BackendPools pools;
    private final List<PoolServer> known;
    private final List<Backend> backends;

    /** These servers, and counters for as many. */
    public StillServers(Protocol protocol, BackendSettings settings, List<Server> servers) {
        this.protocol = protocol;
        this.settings = settings;
        this.counters = Counting.board(servers.size()).counters(0, 0);
        this.pools = new BackendPools(
                "alpha",
                settings,
                loop.loop(),
                new SplittableRandom(7),
                Budgets.ample(),
                counters,
                new ConnectPacer(1_000, System::nanoTime));
        this.known = servers.stream()
                .map(server -> new PoolServer(server.name(), server.address()))
                .toList();
        this.backends = use(known);
    }

    /** Servers with these names, whose addresses are never found. */
    public static List<Server> named(int port, String... names) {
        return Stream.of(names)
                .map(name -> new Server(name, ServerAddress.tcp(name + ".invalid", port), 1))
                .toList();
    }

    /** From now on the pool has these instead; returns them as the event loop knows them. */
    public List<Backend> use(List<PoolServer> next) {
        List<Backend> published = new ArrayList<>();
        String[] names = next.stream().map(PoolServer::name).toArray(String[]::new);
        pools.use(next, settings, protocol, Healths.trusting(names), published::addAll);
        return published;
    }

    /** Those of the beginning. */
    public List<PoolServer> known() {
        return known;
    }

    /** Those of the beginning, as the event loop knows them. */
    public List<Backend> backends() {
        return backends;
    }

    public PoolCounters counters() {
        return counters;
    }

    public StillLoop loop() {
        return loop;
    }

    /** What a server of the beginning is to get, as if its socket took it now. */
    public String taken(int server) {
        return taken(backends.get(server));
    }

    /** What a server is to get, as if its socket took it now. */
    public static String taken(Backend server) {
        BackendConnection connection = server.connection(CLIENT);
        String taken = OutBytes.takeAll(connection.out());
        connection.budget().onSent(0);
        return taken;
    }

    /** All that waits for them gets an error. */
    @Override
    public void close() {
        pools.close();
    }
}
