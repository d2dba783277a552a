package io.sluice.manager.api;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sluice.manager.balance.Rebalancing;
import io.sluice.manager.change.ChangeDesk;
import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.failover.ShardStatus;
import io.sluice.manager.migration.HandoffStatus;
import io.sluice.manager.migration.ring.RingStatus;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.StoreException;
import io.sluice.routing.config.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers HTTP from its constructor on, in threads of its own. A request may take as long as ZooKeeper does; more of
 * them than {@link #AT_ONCE} wait. Whoever sends or reads slowly is closed after a while.
 */
public final class ApiServer implements AutoCloseable {

    /** Requests that are worked on at the same time, once they have arrived. */
    public static final int AT_ONCE = 8;

    /** Connections. Each has a thread while a request of it arrives or is answered: who is slow keeps nobody else waiting. */
    public static final int MAX_CONNECTIONS = 128;

    /** A body that is longer is refused; a topology fits, see {@link io.sluice.routing.cluster.TopologyDocument}. */
    public static final int MAX_BODY_BYTES = YamlReader.MAX_FILE_BYTES;

    /** Most header lines of a request. */
    static final int MAX_HEADERS = 64;

    /** How long a request may take to arrive. */
    static final int MAX_REQUEST_SECONDS = 10;

    /** How long working on it and sending the answer may take. */
    static final int MAX_RESPONSE_SECONDS = 60;

    private static final Logger log = LoggerFactory.getLogger(ApiServer.class);
    private static final int BACKLOG = 64;
    private static final int STOP_SECONDS = 1;

    static {
        limit("sun.net.httpserver.maxReqTime", MAX_REQUEST_SECONDS);
        limit("sun.net.httpserver.maxRspTime", MAX_RESPONSE_SECONDS);
        limit("sun.net.httpserver.maxReqHeaders", MAX_HEADERS);
        limit("sun.net.httpserver.maxIdleConnections", MAX_CONNECTIONS / 2);
        limit("jdk.httpserver.maxConnections", MAX_CONNECTIONS);
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
    }

    /** The JDK reads these once, before the first server. */
    private static void limit(String property, int value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, Integer.toString(value));
        }
    }

    private final Cluster cluster;
    private final Routes routes;
    private final ApiGate gate;
    private final Semaphore places = new Semaphore(AT_ONCE, true);
    private final ExecutorService threads = threads();
    private final HttpServer server;

    /**
     * @param migrations how the handoffs stand, if this manager leads
     * @param rings how changes of rings stand, if this manager leads
     * @param address where to listen; port 0 takes a free one
     * @param managerName what this manager is called
     * @param primaries how primaries are followed while this manager leads; asked by any thread
     * @param rebalancing works out moves
     * @throws IOException if the address cannot be taken
     * @throws IllegalArgumentException if the tokens do not do for this address, see {@link ApiTokens#mistakeAt}
     */
    public ApiServer(
            Cluster cluster,
            ChangeDesk desk,
            Supplier<List<HandoffStatus>> migrations,
            Supplier<List<RingStatus>> rings,
            InetSocketAddress address,
            ApiTokens tokens,
            String managerName,
            InstantSource clock,
            Supplier<List<ShardStatus>> primaries,
            Rebalancing rebalancing)
            throws IOException {
        tokens.mistakeAt(address).ifPresent(mistake -> {
            throw new IllegalArgumentException(mistake);
        });
        this.cluster = cluster;
        this.routes = new Routes(cluster, desk, migrations, rings, managerName, clock, primaries, rebalancing);
        this.gate = new ApiGate(tokens);
        this.server = HttpServer.create(address, BACKLOG);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
        log.info("API listens: address={} {}", server.getAddress(), tokens);
    }

    private static ExecutorService threads() {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                MAX_CONNECTIONS,
                MAX_CONNECTIONS,
                1,
                TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(MAX_CONNECTIONS),
                task -> {
                    Thread thread = new Thread(task, "api-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** With the port that was really taken. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** What can be asked for, such as {@code GET /v1/pools}. */
    List<String> paths() {
        return routes.all().stream()
                .map(route -> route.method() + " " + route.template())
                .toList();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange);
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            if (answer.status() == 401) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
            }
            boolean bodiless = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(answer.status(), bodiless ? -1 : body.length);
            if (!bodiless) {
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write(body);
                }
            }
        }
    }

    private record Answer(int status, String body) {
        static Answer of(ApiException error) {
            return new Answer(error.status(), ApiJson.text(error.answer()));
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        Optional<String> leader = cluster.leadership().leaderUrl();
        try {
            return new Answer(200, answered(exchange));
        } catch (ApiException e) {
            return Answer.of(e);
        } catch (ChangeRefusedException e) {
            return Answer.of(ApiException.of(e));
        } catch (StoreException e) {
            log.warn("Request failed: path={} reason={}: {}", path(exchange), e.reason(), e.getMessage());
            return Answer.of(ApiException.of(e, leader));
        } catch (RuntimeException e) {
            log.error("Request failed: path={}", path(exchange), e);
            return Answer.of(ApiException.of(
                    500, "bug", "this is a bug in Sluice", "please report it with what the manager's log says"));
        }
    }

    private static String path(HttpExchange exchange) {
        return exchange.getRequestURI().getPath();
    }

    private String answered(HttpExchange exchange)
            throws IOException, ApiException, StoreException, ChangeRefusedException {
        Routes.Match match = routes.find(
                exchange.getRequestMethod(), exchange.getRequestURI().getRawPath());
        Caller caller = gate.admit(exchange, match.route());
        Map<String, byte[]> query = QueryText.parse(
                exchange.getRequestURI().getRawQuery(), match.route().parameters());
        ApiRequest request = new ApiRequest(match.places(), query, body(exchange), caller);
        places.acquireUninterruptibly();
        try {
            return match.route().handler().answer(request);
        } finally {
            places.release();
        }
    }

    private static byte[] body(HttpExchange exchange) throws IOException, ApiException {
        try (InputStream in = exchange.getRequestBody()) {
            byte[] body = in.readNBytes(MAX_BODY_BYTES + 1);
            if (body.length > MAX_BODY_BYTES) {
                throw ApiException.of(
                        413,
                        "too_large",
                        "the body is too large",
                        "expected at most " + MAX_BODY_BYTES + " bytes; a topology that is written with slot ranges"
                                + " has far fewer");
            }
            return body;
        }
    }

    /** Its address is free when this returns; what is under way has {@value #STOP_SECONDS} s to end. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                log.warn("API stops in the middle of requests");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.stop(0);
    }
}
