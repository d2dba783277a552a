package io.sluice.proxy;

import io.sluice.proxy.backend.PoolServer;
import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.tls.CertificateWatch;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pools and servers that the configuration does not name any more, until nobody needs them. One change at a time; what
 * is left may be looked at from any thread.
 */
final class LeavingPools {

    private static final Logger log = LoggerFactory.getLogger(LeavingPools.class);

    /** How long a server without connections is still shown and counted, so that a scraper sees its end. */
    private static final Duration SHOWN_AFTER_DRAIN = Duration.ofMinutes(1);

    /** How late it may be noticed that a removed pool's clients are gone. */
    private static final Duration PERIOD = Duration.ofMillis(20);

    private final Workers workers;
    private final CertificateWatch certificates;
    private final Predicate<String> isServed;
    private final HealthBoard.Timer timer;
    private final List<LivePool> ending = new CopyOnWriteArrayList<>();

    /** @param isServed whether a pool has this name again */
    LeavingPools(Workers workers, CertificateWatch certificates, Predicate<String> isServed) {
        this.workers = workers;
        this.certificates = certificates;
        this.isServed = isServed;
        this.timer = (delay, task) -> workers.loops().get(0).schedule(task, delay);
    }

    /** The pool has other servers now. */
    void leave(LivePool pool, PoolServer server) {
        log.info("Server draining: pool={} server={} address={}", pool.name(), server.name(), server.address());
        pool.addLeaving(server);
        server.leave(Instant.now(), workers.count(), () -> {
            log.info("Server drained: pool={} server={} address={}", pool.name(), server.name(), server.address());
            timer.after(SHOWN_AFTER_DRAIN, () -> pool.forget(server));
        });
    }

    /**
     * Nobody is accepted for this pool any more.
     *
     * @param timeout for its clients to have the replies they are owed
     */
    void end(LivePool pool, Duration timeout) {
        log.info("Pool draining: pool={} clients={}", pool.name(), pool.totals().clients());
        pool.end();
        ending.add(pool);
        pool.version().servers().forEach(server -> leave(pool, server));
        workers.run(loop -> pool.share(loop)::drain);
        endWhenEmpty(pool, System.nanoTime() + timeout.toNanos());
    }

    private void endWhenEmpty(LivePool pool, long deadline) {
        boolean late = System.nanoTime() - deadline >= 0;
        if (pool.totals().clients() > 0 && !late) {
            timer.after(PERIOD, () -> endWhenEmpty(pool, deadline));
            return;
        }
        if (late) {
            log.warn(
                    "Clients of a removed pool closed before their replies came: pool={} clients={}",
                    pool.name(),
                    pool.totals().clients());
        }
        closeNow(pool);
        pool.version().certificates().forgetBy(certificates);
        ending.remove(pool);
        log.info("Pool removed: pool={}", pool.name());
    }

    /** With whatever clients it has. */
    void closeNow(LivePool pool) {
        pool.version().health().close();
        for (int loop = 0; loop < workers.count(); loop++) {
            workers.get(loop).end(pool.share(loop));
        }
        if (!isServed.test(pool.name())) {
            workers.board().close(pool.name());
        }
    }

    /** Pools whose clients are not all gone. */
    Stream<LivePool> pools() {
        return ending.stream();
    }
}
