package io.sluice.proxy.session;

import io.sluice.proxy.admission.AcceptRate;
import io.sluice.proxy.admission.Arrivals;
import io.sluice.proxy.admission.HandshakeFailure;
import io.sluice.proxy.admission.Refusal;
import io.sluice.proxy.admission.SeldomLog;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.transport.LoopClock;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and logs what becomes of those who want to be clients of one pool on one event loop. Event-loop only. */
final class PoolArrivals implements Arrivals {

    private static final Logger log = LoggerFactory.getLogger(PoolArrivals.class);

    private final String pool;
    private final PoolCounters counters;
    private final LoopClock clock;
    private final @Nullable AcceptRate rate;
    private final Map<Enum<?>, SeldomLog> logs = new HashMap<>();

    PoolArrivals(String pool, @Nullable AcceptRate rate, PoolCounters counters, LoopClock clock) {
        this.pool = pool;
        this.rate = rate;
        this.counters = counters;
        this.clock = clock;
    }

    /** Whether one more client may come now. */
    boolean isInTime() {
        return rate == null || rate.take(clock.refresh());
    }

    @Override
    public boolean mayCome() {
        if (isInTime()) {
            return true;
        }
        onRefused(Refusal.TOO_FAST, "any");
        return false;
    }

    @Override
    public void onRefused(Refusal refusal, String peer) {
        counters.count(metric(refusal));
        logOf(refusal)
                .say(
                        clock.refresh(),
                        times -> log.warn(
                                "Client refused, {}: pool={} client={} times={}", refusal.text(), pool, peer, times));
    }

    @Override
    public void onHandshake() {
        counters.count(PoolMetric.TLS_HANDSHAKES);
    }

    @Override
    public void onHandshakeFailed(HandshakeFailure failure, String peer, String cause) {
        counters.count(metric(failure));
        if (failure == HandshakeFailure.CLOSED) { // as health checks of load balancers do all day
            log.debug("No TLS with a client that closed: pool={} client={}", pool, peer);
            return;
        }
        logOf(failure)
                .say(
                        clock.refresh(),
                        times -> log.warn(
                                "No TLS with a client: pool={} client={} reason={} cause={} times={}",
                                pool,
                                peer,
                                failure.name().toLowerCase(Locale.ROOT),
                                cause,
                                times));
    }

    private SeldomLog logOf(Enum<?> reason) {
        return logs.computeIfAbsent(reason, key -> new SeldomLog(clock.nanos()));
    }

    private static PoolMetric metric(Refusal refusal) {
        return switch (refusal) {
            case PROCESS_FULL -> PoolMetric.CLIENTS_REFUSED;
            case POOL_FULL -> PoolMetric.CLIENTS_REFUSED_BY_POOL;
            case ADDRESS_FULL -> PoolMetric.CLIENTS_REFUSED_BY_ADDRESS;
            case TOO_FAST -> PoolMetric.CLIENTS_REFUSED_TOO_FAST;
            case HEADER_MALFORMED -> PoolMetric.CLIENTS_REFUSED_HEADER;
            case HEADER_LATE -> PoolMetric.CLIENTS_REFUSED_HEADER_LATE;
            case HEADER_UNTRUSTED -> PoolMetric.CLIENTS_REFUSED_UNTRUSTED;
        };
    }

    private static PoolMetric metric(HandshakeFailure failure) {
        return switch (failure) {
            case LATE -> PoolMetric.TLS_FAILED_LATE;
            case CLOSED -> PoolMetric.TLS_FAILED_CLOSED;
            case CERTIFICATE -> PoolMetric.TLS_FAILED_CERTIFICATE;
            case PROTOCOL -> PoolMetric.TLS_FAILED_PROTOCOL;
        };
    }
}
