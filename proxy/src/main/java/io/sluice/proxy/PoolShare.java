package io.sluice.proxy;

import io.sluice.proxy.admission.Arrivals;
import io.sluice.proxy.backend.BackendPools;
import io.sluice.proxy.budget.ClientLimits;
import io.sluice.proxy.budget.WorkerBudget;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.dispatch.PoolSnapshot;
import io.sluice.proxy.dispatch.RequestDispatcher;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.session.ClientSessions;
import io.sluice.proxy.session.Entry;
import io.sluice.proxy.session.ReplySlotPool;
import io.sluice.proxy.transport.ConnectionHandler;
import io.sluice.proxy.transport.Loop;
import io.sluice.proxy.transport.OutBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop has of one pool: its clients, its dispatcher, its own connections to the servers. Event-loop only,
 * but for the constructor.
 *
 * <pre>
 *   clients that came under limits of then ─▶ dispatcher ─┐
 *   clients that come now                  ─▶ dispatcher ─┴▶ the one snapshot of now ─▶ servers
 * </pre>
 */
final class PoolShare {

    /** Clients who were taken in under the same limits, by the same protocol settings, and who sends their requests on. */
    private record Intake(Limits limits, ClientSessions sessions, RequestDispatcher dispatcher) {}

    private final Loop loop;
    private final ReplySlotPool slots;
    private final ClientSessions.Census census;
    private final WorkerBudget budget;
    private final PoolCounters counters;
    private final BackendPools backends;
    private final List<Intake> intakes = new ArrayList<>(); // the newest is last
    private @Nullable ServedPool pool;

    PoolShare(
            ServedPool pool,
            Loop loop,
            ReplySlotPool slots,
            ClientSessions.Census census,
            WorkerBudget budget,
            PoolCounters counters) {
        this.loop = loop;
        this.slots = slots;
        this.census = census;
        this.budget = budget;
        this.counters = counters;
        this.backends =
                new BackendPools(pool.config().name(), pool.settings(), loop, new SplittableRandom(), budget, counters);
    }

    /** Requests that begin from now on, of whichever client, see this version of the pool. */
    void use(ServedPool next) {
        assert loop.inEventLoop();
        ServedPool before = pool;
        pool = next;
        backends.use(next.servers(), next.settings(), next.protocol(), next.health(), servers -> {
            PoolSnapshot snapshot = new PoolSnapshot(next.epoch(), next.routing(), servers);
            intakes.forEach(intake -> intake.dispatcher().use(snapshot));
            if (before == null || !takesClientsInAlike(before, next)) {
                intakes.add(newIntake(next, snapshot));
            }
        });
        intakes.subList(0, intakes.size() - 1)
                .removeIf(intake -> intake.sessions().size() == 0);
    }

    @SuppressWarnings("ReferenceEquality") // a protocol that stays is the same object
    private static boolean takesClientsInAlike(ServedPool before, ServedPool next) {
        return before.protocol() == next.protocol()
                && before.limits().equals(next.limits())
                && before.config().edge().takesClientsInAs(next.config().edge());
    }

    private Intake newIntake(ServedPool version, PoolSnapshot snapshot) {
        Limits limits = version.limits();
        RequestDispatcher dispatcher = new RequestDispatcher(
                snapshot, counters, version.protocol(), loop.resources().allocator(), limits.clientHeldBytes());
        ClientSessions sessions = new ClientSessions(
                census,
                version.protocol(),
                dispatcher,
                clientLimits(limits),
                loop.resources().allocator(),
                slots,
                budget,
                counters,
                loop.resources().clock(),
                new Entry(
                        version.config().name(),
                        version.admission(),
                        version.config().edge().headers(),
                        loop::schedule,
                        loop::executeNextTurn));
        return new Intake(limits, sessions, dispatcher);
    }

    private static ClientLimits clientLimits(Limits limits) {
        return new ClientLimits(
                limits.clientMaxInFlight(),
                limits.clientBufferBytes(),
                limits.clientHeldBytes(),
                limits.clientBufferMaxBytes());
    }

    private Intake newest() {
        return intakes.get(intakes.size() - 1);
    }

    /** A client that has just connected. */
    ConnectionHandler accept(OutBuffer out) {
        assert loop.inEventLoop();
        return newest().sessions().newSession(out);
    }

    /** A client with whom TLS has been agreed on. */
    ConnectionHandler acceptTls(OutBuffer out) {
        assert loop.inEventLoop();
        return newest().sessions().newTlsSession(out);
    }

    /** Who hears of clients that speak TLS before they are accepted. */
    Arrivals tlsArrivals() {
        assert loop.inEventLoop();
        return newest().sessions().tlsArrivals();
    }

    int clients() {
        return intakes.stream().mapToInt(intake -> intake.sessions().size()).sum();
    }

    /** Lets the clients have the replies they are owed, then closes them. */
    void drain() {
        intakes.forEach(intake -> intake.sessions().drain());
    }

    /** Closes clients and servers. */
    void close() {
        intakes.forEach(intake -> intake.sessions().closeNow());
        backends.close();
    }
}
