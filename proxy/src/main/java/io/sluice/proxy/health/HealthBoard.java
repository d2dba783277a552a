package io.sluice.proxy.health;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which servers of a pool are in use, as twemproxy's {@code auto_eject_hosts} decides it; shared by all event loops.
 *
 * <pre>
 *   in use ── server_failure_limit failures in a row ──▶ ejected
 *      ▲                                                    │
 *      └──────────── server_retry_timeout later ────────────┘   the next requests find out
 * </pre>
 *
 * Source: twemproxy src/nc_server.c, server_failure and server_pool_update. Thread-safe; locks only when something
 * fails or changes.
 */
public final class HealthBoard {

    private static final Logger log = LoggerFactory.getLogger(HealthBoard.class);

    /** Runs a task after a time; the task is short. */
    public interface Timer {
        void after(Duration delay, Runnable task);
    }

    /**
     * When to eject.
     *
     * @param enabled without it nothing is ever ejected
     * @param failureLimit failures in a row, at least 1
     * @param retryAfter how long an ejected server stays out
     */
    public record Rule(boolean enabled, int failureLimit, Duration retryAfter) {}

    private final String pool;
    private final List<String> servers;
    private final Rule rule;
    private final Timer timer;
    private final Consumer<BitSet> onChange;
    private final InstantSource clock;
    private final AtomicIntegerArray failures;
    private final AtomicIntegerArray returns;
    private final AtomicIntegerArray ejections;
    private final AtomicReferenceArray<Instant> ejectedAt;
    private final BitSet inUse;
    private boolean replaced; // another board has taken over

    /**
     * @param servers names, by index
     * @param onChange gets the servers in use after each change, one call at a time; the set is the receiver's
     */
    public HealthBoard(String pool, List<String> servers, Rule rule, Timer timer, Consumer<BitSet> onChange) {
        this(pool, servers, rule, timer, onChange, InstantSource.system());
    }

    /** @param clock tells when a server was ejected */
    public HealthBoard(
            String pool, List<String> servers, Rule rule, Timer timer, Consumer<BitSet> onChange, InstantSource clock) {
        this.pool = pool;
        this.servers = List.copyOf(servers);
        this.rule = rule;
        this.timer = timer;
        this.onChange = onChange;
        this.clock = clock;
        this.failures = new AtomicIntegerArray(servers.size());
        this.returns = new AtomicIntegerArray(servers.size());
        this.ejections = new AtomicIntegerArray(servers.size());
        this.ejectedAt = new AtomicReferenceArray<>(servers.size());
        this.inUse = new BitSet(servers.size());
        inUse.set(0, servers.size());
    }

    /**
     * Goes on from what another board knows of servers that are on both; that one decides nothing any more. Before this
     * board is used.
     *
     * @param formerIndex where the server at an index stood on the other board; -1 for one it did not have
     */
    public synchronized void takeOver(HealthBoard former, IntUnaryOperator formerIndex) {
        synchronized (former) {
            former.replaced = true;
            for (int server = 0; server < servers.size(); server++) {
                int there = formerIndex.applyAsInt(server);
                if (there >= 0) {
                    takeOver(server, former, there);
                }
            }
        }
        if (inUse.cardinality() < servers.size()) {
            onChange.accept((BitSet) inUse.clone());
        }
    }

    private void takeOver(int server, HealthBoard former, int there) {
        failures.set(server, former.failures.get(there));
        returns.set(server, former.returns.get(there));
        ejections.set(server, former.ejections.get(there));
        ejectedAt.set(server, former.ejectedAt.get(there));
        if (!former.inUse.get(there)) {
            if (rule.enabled()) {
                inUse.clear(server);
                Duration left = Duration.between(
                        clock.instant(), former.ejectedAt.get(there).plus(rule.retryAfter()));
                timer.after(left.isNegative() ? Duration.ZERO : left, () -> takeBack(server));
            } else {
                returns.incrementAndGet(server);
            }
        }
    }

    /** A server answered. Cheap when it had not failed before. */
    public void succeeded(int server) {
        if (failures.getPlain(server) != 0) {
            failures.set(server, 0);
        }
    }

    /** A connection could not be made or broke with requests in flight, a deadline passed, or the server said so. */
    public void failed(int server) {
        if (rule.enabled() && failures.incrementAndGet(server) >= rule.failureLimit()) {
            eject(server);
        }
    }

    private synchronized void eject(int server) {
        failures.set(server, 0);
        if (inUse.get(server) && !replaced) {
            inUse.clear(server);
            ejectedAt.set(server, clock.instant());
            ejections.incrementAndGet(server);
            log.warn(
                    "Server ejected: pool={} server={} failures={} retry_in={}ms in_use={}",
                    pool,
                    servers.get(server),
                    rule.failureLimit(),
                    rule.retryAfter().toMillis(),
                    inUse.cardinality());
            onChange.accept((BitSet) inUse.clone());
            timer.after(rule.retryAfter(), () -> takeBack(server));
        }
    }

    private synchronized void takeBack(int server) {
        if (replaced) {
            return;
        }
        inUse.set(server);
        returns.incrementAndGet(server);
        log.info("Server back in use: pool={} server={} in_use={}", pool, servers.get(server), inUse.cardinality());
        onChange.accept((BitSet) inUse.clone());
    }

    /** How often a server has come back into use: each time it is to be tried at once, whatever waits were planned. */
    public int returns(int server) {
        return returns.get(server);
    }

    /** How often a server has been ejected. */
    public int ejections(int server) {
        return ejections.get(server);
    }

    /** When a server was last ejected; empty if it never was. */
    public Optional<Instant> ejectedAt(int server) {
        return Optional.ofNullable(ejectedAt.get(server));
    }

    /** When a server that is ejected now is to come back; empty if it is in use. */
    public synchronized Optional<Instant> ejectedUntil(int server) {
        return inUse.get(server) ? Optional.empty() : ejectedAt(server).map(at -> at.plus(rule.retryAfter()));
    }

    /** The servers in use now. */
    public synchronized BitSet inUse() {
        return (BitSet) inUse.clone();
    }
}
