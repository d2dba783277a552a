package io.sluice.proxy.health;

import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges the servers of one pool: takes each through its {@link HealthState}s and tells which share of its keys it
 * serves. Shared by all event loops.
 *
 * <pre>
 *   requests on all event loops ──▶ ServerHealth ── failures ──▶ HealthBoard ── shares ──▶ routing
 *                                                                    │  ▲
 *                                                                    ▼  │ good, or why not
 *                                                                   Prober
 * </pre>
 *
 * The three keys of twemproxy (src/nc_server.c, server_failure and server_pool_update) are the first of many: there, the
 * requests after {@code server_retry_timeout} are the probe. Thread-safe; locks only when something fails or changes.
 */
public final class HealthBoard {

    private static final Logger log = LoggerFactory.getLogger(HealthBoard.class);

    /** Steps in which the share of a returning server grows. */
    static final int SLOW_START_STEPS = 16;

    private static final double PROBE_JITTER = 0.2;

    /** Runs a task after a time; the task is short. */
    public interface Timer {
        void after(Duration delay, Runnable task);
    }

    /**
     * What time and chance are.
     *
     * @param clock what people call the time
     * @param nanos what only goes forward
     * @param random used under the board's lock only
     */
    public record Surroundings(Timer timer, InstantSource clock, LongSupplier nanos, RandomGenerator random) {}

    private record Identity(String name, ServerAddress address) {
        static Identity of(Server server) {
            return new Identity(server.name(), server.address());
        }
    }

    private final String pool;
    private final HealthRule rule;
    private final Surroundings surroundings;
    private final Prober prober;
    private final Consumer<Shares> onChange;
    private final List<ServerHealth> servers;
    private final Object lock;

    // Under the lock.
    private long failedOpen;
    private boolean toldFailedOpen;
    private boolean closed;

    /** @param onChange told after each change, one call at a time */
    public HealthBoard(
            String pool,
            List<Server> servers,
            HealthRule rule,
            Surroundings surroundings,
            Prober prober,
            Consumer<Shares> onChange) {
        this(pool, servers, rule, surroundings, prober, onChange, null);
    }

    private HealthBoard(
            String pool,
            List<Server> servers,
            HealthRule rule,
            Surroundings surroundings,
            Prober prober,
            Consumer<Shares> onChange,
            @Nullable HealthBoard before) {
        this.pool = pool;
        this.rule = rule;
        this.surroundings = surroundings;
        this.prober = prober;
        this.onChange = onChange;
        this.lock = before == null ? new Object() : before.lock;
        this.servers = adopt(servers, before);
    }

    private List<ServerHealth> adopt(List<Server> wanted, @Nullable HealthBoard before) {
        Map<Identity, ServerHealth> known = new HashMap<>();
        if (before != null && rule.enabled()) {
            before.servers.forEach(health -> known.put(Identity.of(health.server()), health));
        }
        List<ServerHealth> adopted = new ArrayList<>();
        for (Server server : wanted) {
            ServerHealth kept = known.remove(Identity.of(server));
            ServerHealth health =
                    kept != null ? kept : new ServerHealth(server, new EjectionTimes(surroundings.random()));
            health.judgedBy(this);
            adopted.add(health);
        }
        return List.copyOf(adopted);
    }

    /**
     * The board of the same pool with other servers, or under another rule. Servers with the same name and address keep
     * their state, and are judged there from now on; this board judges nobody any more.
     */
    public HealthBoard next(List<Server> others, HealthRule newRule, Prober newProber, Consumer<Shares> newOnChange) {
        synchronized (lock) {
            servers.forEach(server -> server.judgedBy(null));
            HealthBoard next = new HealthBoard(pool, others, newRule, surroundings, newProber, newOnChange, this);
            next.failedOpen = failedOpen;
            next.closed = closed;
            closed = true;
            next.servers.forEach(next::goOn);
            next.publish();
            return next;
        }
    }

    /** Its timer and probe belonged to another board. */
    private void goOn(ServerHealth server) {
        switch (server.state()) {
            case UP -> {}
            case SUSPECT -> awaitEndOfWindow(server);
            case EJECTED -> awaitProbing(server, untilProbed(server));
            case PROBING -> probe(server);
            case RETURNING -> awaitGrowth(server);
        }
    }

    private Duration untilProbed(ServerHealth server) {
        Duration left = server.probedFrom()
                .map(from -> Duration.between(surroundings.clock().instant(), from))
                .orElse(Duration.ZERO);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Nothing is judged or probed from now on. */
    public void close() {
        synchronized (lock) {
            closed = true;
        }
    }

    // ---- for those who look

    /** The health of the server at its index in the pool. */
    public ServerHealth server(int index) {
        return servers.get(index);
    }

    public List<ServerHealth> servers() {
        return servers;
    }

    /** How many servers are not left out. */
    public int inUse() {
        return (int) servers.stream().filter(server -> !server.state().isOut()).count();
    }

    /** How often a server was to be ejected, and was not, since too many were. */
    public long failedOpen() {
        synchronized (lock) {
            return failedOpen;
        }
    }

    public Shares shares() {
        synchronized (lock) {
            return Shares.of(servers.stream().mapToInt(ServerHealth::share).toArray());
        }
    }

    // ---- failures

    void failed(ServerHealth server, Signal signal, int requests) {
        if (!rule.counts(signal) || server.state().isOut()) {
            return;
        }
        synchronized (lock) {
            if (closed || !server.isJudgedBy(this)) {
                return;
            }
            switch (server.state()) {
                case UP -> {
                    server.toSuspect();
                    awaitEndOfWindow(server);
                    judge(server, signal, requests);
                }
                case SUSPECT -> judge(server, signal, requests);
                case RETURNING -> eject(server, "failed while returning: " + words(signal));
                case EJECTED, PROBING -> {} // requests of before
            }
        }
    }

    private void judge(ServerHealth server, Signal signal, int requests) {
        int inRow = server.addFailure(requests);
        if (inRow >= rule.failureLimit()) {
            eject(server, inRow + " failures in a row, the last: " + words(signal));
        } else if (rule.isTooMany(server.windowTimes(), server.windowFailures(), server.windowRequests())) {
            eject(server, server.windowFailures() + " of " + server.windowRequests() + " requests failed");
        }
    }

    private static String words(Signal signal) {
        return switch (signal) {
            case CONNECT_FAILED -> "no connection";
            case CLOSED -> "connection closed";
            case DEADLINE -> "deadline passed";
            case TROUBLE_REPLY -> "it says so itself";
        };
    }

    private void awaitEndOfWindow(ServerHealth server) {
        after(rule.failureWindow(), server, () -> {
            if (server.windowFailures() == 0) {
                server.toUp();
            } else {
                server.newWindow();
                awaitEndOfWindow(server);
            }
        });
    }

    // ---- ejection

    private void eject(ServerHealth server, String cause) {
        int out = servers.size() - inUse();
        if (out + 1 > rule.mostEjected(servers.size())) {
            failOpen(server, cause, out);
            return;
        }
        Duration time = server.toEjected(
                rule, surroundings.clock().instant(), surroundings.nanos().getAsLong());
        log.warn(
                "Server ejected: pool={} server={} for={}ms in_use={} cause={}",
                pool,
                server.server().name(),
                time.toMillis(),
                inUse(),
                cause);
        publish();
        awaitProbing(server, time);
    }

    /** When most servers seem to fail, it is more likely the proxy's own view that does. */
    private void failOpen(ServerHealth server, String cause, int out) {
        server.forgetFailures();
        if (rule.mostEjected(servers.size()) == 0) {
            return; // a pool so small can never do without one
        }
        failedOpen++;
        if (!toldFailedOpen) {
            toldFailedOpen = true;
            log.warn(
                    "Server not ejected, too many are: pool={} server={} ejected={} of={} max_ejected_percent={} cause={}",
                    pool,
                    server.server().name(),
                    out,
                    servers.size(),
                    rule.mostEjectedPercent(),
                    cause);
        }
    }

    private void awaitProbing(ServerHealth server, Duration time) {
        after(time, server, () -> {
            server.toProbing();
            probe(server);
        });
    }

    // ---- probes

    private void probe(ServerHealth server) {
        int stay = server.stay();
        prober.probe(server.server(), problem -> ifStill(server, stay, () -> onProbe(server, problem)));
    }

    private void onProbe(ServerHealth server, @Nullable String problem) {
        if (problem != null) {
            log.debug(
                    "Probe failed: pool={} server={} cause={}",
                    pool,
                    server.server().name(),
                    problem);
        }
        if (server.onProbe(problem == null) >= rule.probesToReturn()) {
            takeBack(server);
        } else {
            after(jittered(rule.probeInterval()), server, () -> probe(server));
        }
    }

    private Duration jittered(Duration interval) {
        double share = 1 + PROBE_JITTER * (surroundings.random().nextDouble() * 2 - 1);
        return Duration.ofNanos((long) (interval.toNanos() * share));
    }

    // ---- return

    private void takeBack(ServerHealth server) {
        boolean slowly = !rule.slowStart().isZero();
        toldFailedOpen = false;
        server.toReturning(surroundings.nanos().getAsLong(), slowly ? Shares.ALL / SLOW_START_STEPS : Shares.ALL);
        log.info(
                "Server back in use: pool={} server={} in_use={} slow_start={}ms",
                pool,
                server.server().name(),
                inUse(),
                rule.slowStart().toMillis());
        if (!slowly && rule.trial().isZero()) {
            server.toUp();
        } else {
            awaitGrowth(server);
        }
        publish();
    }

    private void awaitGrowth(ServerHealth server) {
        if (server.share() == Shares.ALL) {
            after(rule.trial(), server, server::toUp);
            return;
        }
        after(rule.slowStart().dividedBy(SLOW_START_STEPS), server, () -> {
            int share = server.share() + Shares.ALL / SLOW_START_STEPS;
            if (share >= Shares.ALL) {
                server.toUp();
            } else {
                server.serve(share);
                awaitGrowth(server);
            }
            publish();
        });
    }

    // ---- what all have in common

    private void publish() {
        onChange.accept(shares());
    }

    /** Runs the task under the lock after a time, unless the server has gone to another state by then. */
    private void after(Duration delay, ServerHealth server, Runnable task) {
        int stay = server.stay();
        surroundings.timer().after(delay, () -> ifStill(server, stay, task));
    }

    private void ifStill(ServerHealth server, int stay, Runnable task) {
        synchronized (lock) {
            if (!closed && server.isJudgedBy(this) && server.isStill(stay)) {
                task.run();
            }
        }
    }
}
