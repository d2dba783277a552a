package io.sluice.proxy.testing;

import io.sluice.proxy.Proxy;
import io.sluice.proxy.ProxyStartException;
import io.sluice.proxy.access.AccessRules;
import io.sluice.proxy.access.ServerLogin;
import io.sluice.proxy.access.User;
import io.sluice.proxy.access.UserText;
import io.sluice.proxy.config.Edge;
import io.sluice.proxy.config.Ejection;
import io.sluice.proxy.config.Membership;
import io.sluice.proxy.config.Monitoring;
import io.sluice.proxy.config.PoolAccess;
import io.sluice.proxy.config.PoolSource;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.config.ProxyConfig.Listener;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.config.ProxyConfig.Retries;
import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.protocol.resp.RedisCommands;
import io.sluice.proxy.transport.AddressResolver;
import io.sluice.proxy.transport.Transport;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.hash.HashTag;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.Binaries;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A real proxy with one pool in this JVM. Every property may be set before {@link #start()}. */
public final class RunningProxy implements AutoCloseable {

    private final List<Server> servers;
    private ServerAddress listen = ServerAddress.tcp("127.0.0.1", FreePorts.next());
    private int unixMode = -1; // as the system has it
    private HashAlgorithm hash = HashAlgorithm.FNV1A_64;
    private DistributionKind distribution = DistributionKind.KETAMA;
    private PoolProtocol protocol = PoolProtocol.REDIS;
    private @Nullable HashTag hashTag;
    private int workers = 1;
    private TransportPreference transport =
            TransportPreference.valueOf(System.getProperty("sluice.it.transport", TransportPreference.AUTO.name()));
    private Limits limits = Limits.DEFAULTS;
    private @Nullable Duration timeout = Duration.ofSeconds(5);
    private @Nullable Duration hardTimeout = Duration.ofSeconds(30);
    private Duration shutdownTimeout = Duration.ofSeconds(5);
    private @Nullable String redisAuth;
    private final List<String> users = new ArrayList<>();
    private @Nullable ServerLogin serverLogin;
    private int redisDb;
    private boolean preconnect;
    private int serverConnections = 1;
    private Ejection ejection = new Ejection(false, 2, Duration.ofSeconds(30));
    private Retries retries = Retries.NONE;
    private final List<Pool> otherPools = new ArrayList<>();
    private Edge edge = Edge.OPEN;
    private Monitoring monitoring = Monitoring.NONE;
    private AddressResolver.Lookup names = host -> List.of(InetAddress.getAllByName(host));
    private @Nullable Membership membership;
    private @Nullable Proxy proxy;

    private RunningProxy(List<Server> servers) {
        this.servers = new ArrayList<>(servers);
        this.servers.sort(Server.RING_ORDER);
    }

    /** A pool over servers on these loopback ports, with aliases {@code server0}, {@code server1} and so on. */
    public static RunningProxy overPorts(int... ports) {
        List<Server> servers = new ArrayList<>();
        for (int i = 0; i < ports.length; i++) {
            servers.add(new Server("server" + i, ServerAddress.tcp("127.0.0.1", ports[i]), 1));
        }
        return new RunningProxy(servers);
    }

    /** A pool that has its servers from a topology. */
    public static RunningProxy in(Membership membership) {
        RunningProxy proxy = new RunningProxy(List.of());
        proxy.membership = membership;
        return proxy;
    }

    public static RunningProxy over(List<Server> servers) {
        return new RunningProxy(servers);
    }

    public RunningProxy listen(ServerAddress address) {
        listen = address;
        return this;
    }

    /** The permissions of the unix socket that it listens on. */
    public RunningProxy unixMode(int mode) {
        unixMode = mode;
        return this;
    }

    public RunningProxy routing(HashAlgorithm newHash, DistributionKind newDistribution, @Nullable HashTag newTag) {
        hash = newHash;
        distribution = newDistribution;
        hashTag = newTag;
        return this;
    }

    /** Clients and servers speak memcached text. */
    public RunningProxy memcache() {
        protocol = PoolProtocol.MEMCACHE;
        return this;
    }

    public RunningProxy workers(int count) {
        workers = count;
        return this;
    }

    /** Where the kernel forbids that transport, as many containers do io_uring, the test is skipped. */
    public RunningProxy transport(TransportPreference preference) {
        assumeAvailable(preference);
        transport = preference;
        return this;
    }

    /** Skips the test, with the reason, where this transport cannot be used; fails where it is required as servers are. */
    public static void assumeAvailable(TransportPreference preference) {
        if (preference != TransportPreference.AUTO) {
            Transport.valueOf(preference.name()).unavailableBecause().ifPresent(reason -> {
                throw Binaries.missing(preference.name().toLowerCase(Locale.ROOT), reason);
            });
        }
    }

    public RunningProxy limits(Limits newLimits) {
        limits = newLimits;
        return this;
    }

    public RunningProxy timeout(@Nullable Duration newTimeout, @Nullable Duration newHardTimeout) {
        timeout = newTimeout;
        hardTimeout = newHardTimeout;
        return this;
    }

    public RunningProxy shutdownTimeout(Duration newTimeout) {
        shutdownTimeout = newTimeout;
        return this;
    }

    public RunningProxy redisAuth(String password) {
        redisAuth = password;
        return this;
    }

    /** Users as the configuration has them. */
    public RunningProxy users(List<String> texts) {
        users.addAll(texts);
        return this;
    }

    public RunningProxy serverLogin(@Nullable String user, String password) {
        serverLogin = new ServerLogin(user, password);
        return this;
    }

    private PoolAccess access() {
        PoolAccess simple = PoolAccess.by(redisAuth);
        return new PoolAccess(
                users.isEmpty() ? simple.rules() : rules(users), serverLogin == null ? simple.server() : serverLogin);
    }

    /** Rules for users, all of which must be right. */
    public static AccessRules rules(List<String> texts) {
        List<User> read = new ArrayList<>();
        for (String text : texts) {
            UserText.parse(text, RedisCommands.GROUPS, problem -> {
                        throw new IllegalArgumentException(problem);
                    })
                    .ifPresent(read::add);
        }
        return AccessRules.of(read, RedisCommands.GROUPS);
    }

    public RunningProxy redisDb(int database) {
        redisDb = database;
        return this;
    }

    public RunningProxy preconnect() {
        preconnect = true;
        return this;
    }

    public RunningProxy serverConnections(int connections) {
        serverConnections = connections;
        return this;
    }

    public RunningProxy ejection(Ejection rule) {
        ejection = rule;
        return this;
    }

    public RunningProxy retries(Retries rule) {
        retries = rule;
        return this;
    }

    /** The pool of another proxy, which need not be started, under this name. */
    public RunningProxy with(String name, RunningProxy other) {
        otherPools.add(other.pool(name));
        return this;
    }

    /** TLS, limits on clients, PROXY headers. */
    public RunningProxy edge(Edge newEdge) {
        edge = newEdge;
        return this;
    }

    /** Who knows the addresses of servers with host names. */
    public RunningProxy names(AddressResolver.Lookup lookup) {
        names = lookup;
        return this;
    }

    /** Opens the admin pages and twemproxy's statistics on free ports. */
    public RunningProxy monitored() {
        return monitoring(new Monitoring(freeEndpoint(), freeEndpoint()));
    }

    public RunningProxy monitoring(Monitoring endpoints) {
        monitoring = endpoints;
        return this;
    }

    private static Monitoring.Endpoint freeEndpoint() {
        return Monitoring.Endpoint.at(ServerAddress.tcp("127.0.0.1", FreePorts.next()));
    }

    /** What must be shown to change something; after {@link #monitored()}. */
    public RunningProxy adminToken(String token) {
        return monitoring(monitoring.withToken(token));
    }

    public int adminPort() {
        return port(monitoring.admin());
    }

    public int statsPort() {
        return port(monitoring.stats());
    }

    private static int port(Monitoring.Endpoint endpoint) {
        if (endpoint.address() == null) {
            throw new IllegalStateException("not monitored");
        }
        return endpoint.address().port();
    }

    public RunningProxy start() throws ProxyStartException {
        proxy = Proxy.start(config(), null, new AddressResolver(names));
        return this;
    }

    public ProxyConfig config() {
        List<Pool> pools = new ArrayList<>(List.of(pool("alpha")));
        pools.addAll(otherPools);
        return new ProxyConfig(workers, transport, shutdownTimeout, limits, pools, List.of())
                .withMonitoring(monitoring)
                .withZookeeper(membership);
    }

    private Pool pool(String name) {
        return new Pool(
                new PoolDefinition(name, hash, hashTag, distribution, servers, List.of()),
                new Listener(listen, unixMode),
                protocol,
                512,
                timeout,
                hardTimeout,
                Duration.ofSeconds(1),
                Duration.ofMillis(50),
                Duration.ofMillis(500),
                redisAuth,
                redisDb,
                false,
                preconnect,
                serverConnections,
                ejection,
                retries,
                access(),
                edge,
                membership == null ? PoolSource.FILE : PoolSource.ZOOKEEPER);
    }

    /** How this proxy routes; for comparing with what it did. */
    public PoolDefinition definition() {
        return new PoolDefinition("alpha", hash, hashTag, distribution, servers, List.of());
    }

    public int port() {
        return listen.port();
    }

    public Proxy proxy() {
        if (proxy == null) {
            throw new IllegalStateException("not started");
        }
        return proxy;
    }

    public RespClient connect() throws IOException {
        return new RespClient(listen.port());
    }

    @Override
    public void close() {
        if (proxy != null) {
            proxy.close();
        }
    }
}
