package io.sluice.proxy;

import io.sluice.proxy.admission.Arrivals;
import io.sluice.proxy.backend.BackendPools;
import io.sluice.proxy.backend.ConnectPacer;
import io.sluice.proxy.backend.Outstanding;
import io.sluice.proxy.budget.ClientLimits;
import io.sluice.proxy.budget.WorkerBudget;
import io.sluice.proxy.config.Ejection;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.dispatch.CacheTurn;
import io.sluice.proxy.dispatch.FaultInjection;
import io.sluice.proxy.dispatch.HandoffGate;
import io.sluice.proxy.dispatch.HandoffLease;
import io.sluice.proxy.dispatch.PoolHandoffs;
import io.sluice.proxy.dispatch.PoolSnapshot;
import io.sluice.proxy.dispatch.QueueTurn;
import io.sluice.proxy.dispatch.RequestDispatcher;
import io.sluice.proxy.dispatch.RingPassage;
import io.sluice.proxy.dispatch.SettlingPassage;
import io.sluice.proxy.dispatch.SparePool;
import io.sluice.proxy.faults.PoolFaults;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.session.ClientSessions;
import io.sluice.proxy.session.Departure;
import io.sluice.proxy.session.Entry;
import io.sluice.proxy.session.ReplySlotPool;
import io.sluice.proxy.transport.ConnectionHandler;
import io.sluice.proxy.transport.Loop;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.TwoRings;
import io.sluice.routing.topology.Server;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
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

    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    /** How late it may be noticed that what was outstanding has been answered. */
    private static final Duration SETTLING_PERIOD = Duration.ofMillis(1);

    /** Clients who were taken in under the same limits, by the same protocol settings, and who sends their requests on. */
    private record Intake(Limits limits, ClientSessions sessions, RequestDispatcher dispatcher) {}

    private final Loop loop;
    private final ReplySlotPool slots;
    private final ClientSessions.Census census;
    private final WorkerBudget budget;
    private final PoolCounters counters;
    private final PoolFaults faults;
    private final BackendPools backends;
    private final List<Intake> intakes = new ArrayList<>(); // the newest is last
    private final HandoffLease lease;
    private final HandoffGate gate;
    private final QueueTurn queues;
    private final CacheTurn caches;
    private final Function<String, @Nullable PoolShare> sharesByName; // of the same event loop
    private @Nullable ServedPool pool;
    private @Nullable PoolSnapshot snapshot;

    PoolShare(
            ServedPool pool,
            Loop loop,
            ReplySlotPool slots,
            ClientSessions.Census census,
            WorkerBudget budget,
            PoolCounters counters,
            PoolFaults faults,
            ConnectPacer pacer,
            HandoffLease lease,
            Function<String, @Nullable PoolShare> sharesByName) {
        this.loop = loop;
        this.slots = slots;
        this.census = census;
        this.budget = budget;
        this.counters = counters;
        this.faults = faults;
        this.backends = new BackendPools(
                pool.config().name(), pool.settings(), loop, new SplittableRandom(), budget, counters, pacer);
        this.lease = lease;
        this.gate = new HandoffGate(
                lease, counters, pool.protocol(), loop.resources().clock()::refresh, loop::schedule);
        this.queues = new QueueTurn(counters, loop.resources().clock()::nanos);
        this.caches = new CacheTurn(gate, counters, loop.resources().allocator());
        this.sharesByName = sharesByName;
        pool.access().onChange(() -> loop.execute(this::applyRules));
    }

    /**
     * Requests that begin from now on, of whichever client, see this version of the pool.
     *
     * @return done once nothing is outstanding any more at servers whose slots it lets wait, or that a handoff has begun to
     *     leave, and at any server if the ring is on another way or in another state of it; at once if there are none
     */
    CompletableFuture<Void> use(ServedPool next) {
        assert loop.inEventLoop();
        ServedPool before = pool;
        pool = next;
        PoolHandoffs handoffs = PoolHandoffs.of(next.slots(), lease.steady());
        PoolHandoffs handoffsBefore = before == null ? null : PoolHandoffs.of(before.slots(), lease.steady());
        RingPassage passage = passage(next);
        backends.use(next.servers(), next.settings(), next.protocol(), next.health(), servers -> {
            PoolSnapshot made = new PoolSnapshot(
                    next.epoch(),
                    next.routing(),
                    servers,
                    sparePool(next.config().ejection()),
                    handoffs,
                    passage);
            snapshot = made;
            intakes.forEach(intake -> intake.dispatcher().use(made));
            if (before == null || !takesClientsInAlike(before, next)) {
                intakes.add(newIntake(next, made));
            }
            if (passage instanceof SettlingPassage settling) {
                restWhen(settling, made);
            }
        });
        CompletableFuture<?>[] conversations = intakes.stream()
                .map(intake -> intake.sessions().conversations().onPoolChanged())
                .toArray(CompletableFuture<?>[]::new);
        intakes.subList(0, intakes.size() - 1).removeIf(PoolShare::isOver);
        gate.use(handoffs == null ? CacheTurn.handoffs(next.rings()) : handoffs);
        if (before != null && !Objects.equals(before.rings(), next.rings())) {
            Outstanding outstanding = Outstanding.of(backends, names(next));
            BooleanSupplier visits = caches.settled();
            return CompletableFuture.allOf(
                    when(() -> outstanding.isSettled() && visits.getAsBoolean()),
                    CompletableFuture.allOf(conversations));
        }
        if (handoffs == null) {
            return DONE;
        }
        CompletableFuture<Void> settled = whenSettled(handoffs.serversToSettle(handoffsBefore));
        return handoffs.frozenServers().isEmpty()
                ? settled
                : CompletableFuture.allOf(settled, CompletableFuture.allOf(conversations));
    }

    private @Nullable RingPassage passage(ServedPool version) {
        TwoRings rings = version.rings();
        if (rings != null && rings.change().kind() == RingChange.Kind.CACHE) {
            return caches.passage(rings, version.protocol(), version.limits().clientHeldBytes());
        }
        RingPassage queued = queues.passage(rings, version.protocol());
        return queued == null ? caches.settling() : queued;
    }

    /** Requests go their usual way again, unless there is another version by then. */
    @SuppressWarnings("ReferenceEquality") // a version is one object
    private void restWhen(SettlingPassage settling, PoolSnapshot made) {
        if (snapshot != made) {
            return;
        }
        if (settling.isSettled()) {
            PoolSnapshot atRest = made.withoutPassage();
            snapshot = atRest;
            intakes.forEach(intake -> intake.dispatcher().use(atRest));
        } else {
            loop.schedule(() -> restWhen(settling, made), SETTLING_PERIOD);
        }
    }

    private static Set<String> names(ServedPool pool) {
        return pool.config().definition().servers().stream().map(Server::name).collect(Collectors.toSet());
    }

    /** No client is left, and no server that is about to give away what one has waited for. */
    private static boolean isOver(Intake intake) {
        ClientSessions sessions = intake.sessions();
        return sessions.isEmpty() && sessions.conversations().blocked().size() == 0;
    }

    private CompletableFuture<Void> whenSettled(Set<String> servers) {
        return servers.isEmpty() ? DONE : when(Outstanding.ofWaiting(backends, servers)::isSettled);
    }

    /** Looks again and again: counting replies one by one would cost all those that nobody waits for. */
    private CompletableFuture<Void> when(BooleanSupplier isSettled) {
        CompletableFuture<Void> settled = new CompletableFuture<>();
        completeWhen(isSettled, settled);
        return settled;
    }

    private void completeWhen(BooleanSupplier isSettled, CompletableFuture<Void> settled) {
        if (isSettled.getAsBoolean()) {
            settled.complete(null);
        } else {
            loop.schedule(() -> completeWhen(isSettled, settled), SETTLING_PERIOD);
        }
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
                snapshot, counters, version.protocol(), loop.resources().allocator(), limits.clientHeldBytes(), gate);
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
        sessions.meet(new FaultInjection(
                faults, dispatcher, version.protocol(), loop, new SplittableRandom(), counters, this::timeout));
        return new Intake(limits, sessions, dispatcher);
    }

    private @Nullable Duration timeout() {
        return pool == null ? null : pool.config().timeout();
    }

    /** The rules for users have changed. */
    private void applyRules() {
        intakes.forEach(intake -> intake.sessions().applyRules());
    }

    private @Nullable SparePool sparePool(Ejection ejection) {
        String name = ejection.sparePool();
        return name == null ? null : new SparePool(name, ejection.spareTimeToLive(), () -> snapshotOf(name));
    }

    private @Nullable PoolSnapshot snapshotOf(String name) {
        PoolShare share = sharesByName.apply(name);
        return share == null ? null : share.snapshot;
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

    /** A client of another process, with its session's state; throws if that cannot be read. */
    ConnectionHandler accept(OutBuffer out, long client, String carried) {
        assert loop.inEventLoop();
        return newest().sessions().newSession(out, client, carried);
    }

    /** Gives the clients to another process. */
    void handOver(Departure departure) {
        intakes.forEach(intake -> intake.sessions().handOver(departure));
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
        gate.close();
        backends.close();
    }
}
