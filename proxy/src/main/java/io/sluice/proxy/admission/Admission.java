package io.sluice.proxy.admission;

import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The clients of one pool on all event loops: how many there are, and whether one more may come. Thread-safe; asked when
 * a client comes and goes, never for a request unless {@code max_in_flight} is set.
 */
public final class Admission {

    private volatile AdmissionRule rule;
    private volatile @Nullable AcceptRate rate;
    private volatile @Nullable AcceptRate tlsRate;
    private final AtomicInteger clients = new AtomicInteger();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Map<InetAddress, Integer> clientsOfAddress =
            new ConcurrentHashMap<>(); // at most one entry per client

    public Admission(AdmissionRule rule) {
        this.rule = rule;
        this.rate = newRate(rule);
        this.tlsRate = newRate(rule);
    }

    /** From now on another rule holds; those who are in stay, and count. */
    public void use(AdmissionRule next) {
        if (!next.equals(rule)) {
            rule = next;
            rate = newRate(next);
            tlsRate = newRate(next);
        }
    }

    private static @Nullable AcceptRate newRate(AdmissionRule rule) {
        return rule.acceptRate() == 0 ? null : new AcceptRate(rule.acceptRate(), rule.acceptBurst(), System.nanoTime());
    }

    /** How fast clients may come to the pool's listener; null for as fast as they like. */
    public @Nullable AcceptRate rate() {
        return rate;
    }

    /** The same for its listener for TLS. */
    public @Nullable AcceptRate tlsRate() {
        return tlsRate;
    }

    public AdmissionRule rule() {
        return rule;
    }

    /** Whether it matters where clients come from. */
    public boolean countsAddresses() {
        return rule.maxClientsPerAddress() > 0;
    }

    /**
     * Counts one more client, who leaves by {@link #leave} with the same address, unless it is refused.
     *
     * @param source null if it has no address, or if addresses are not counted
     * @return null if it may come in
     */
    public @Nullable Refusal enter(@Nullable InetAddress source) {
        if (clients.incrementAndGet() > rule.maxClients() && rule.maxClients() > 0) {
            clients.decrementAndGet();
            return Refusal.POOL_FULL;
        }
        if (source != null && countsAddresses() && !enterFrom(source)) {
            clients.decrementAndGet();
            return Refusal.ADDRESS_FULL;
        }
        return null;
    }

    private boolean enterFrom(InetAddress source) {
        int now = clientsOfAddress.merge(source, 1, Integer::sum);
        if (now > rule.maxClientsPerAddress()) {
            leaveFrom(source);
            return false;
        }
        return true;
    }

    /** A client that had come in is gone; {@code source} is the one that it was counted with. */
    public void leave(@Nullable InetAddress source) {
        clients.decrementAndGet();
        if (source != null) {
            leaveFrom(source);
        }
    }

    private void leaveFrom(InetAddress source) {
        clientsOfAddress.computeIfPresent(source, (key, before) -> before == 1 ? null : before - 1);
    }

    public int clients() {
        return clients.get();
    }

    /** Addresses that clients are connected from now; 0 unless they are counted. */
    public int addresses() {
        return clientsOfAddress.size();
    }

    // ---- requests

    /** Whether requests in flight are counted here at all. */
    public boolean boundsRequests() {
        return rule.maxInFlight() > 0;
    }

    /** Counts a request unless there are too many. Clients that came under a limit still count if there is none now. */
    public boolean enterRequest() {
        int most = rule.maxInFlight();
        if (inFlight.incrementAndGet() > most && most > 0) {
            inFlight.decrementAndGet();
            return false;
        }
        return true;
    }

    /** A request that was counted has been answered, or its client has gone and the reply has come. */
    public void leaveRequest() {
        inFlight.decrementAndGet();
    }

    public int requestsInFlight() {
        return inFlight.get();
    }
}
