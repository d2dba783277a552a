package io.sluice.proxy.session;

import io.netty.buffer.ByteBufAllocator;
import io.sluice.proxy.admission.Arrivals;
import io.sluice.proxy.admission.Refusal;
import io.sluice.proxy.budget.ClientBudget;
import io.sluice.proxy.budget.ClientLimits;
import io.sluice.proxy.budget.SplitBudget;
import io.sluice.proxy.budget.WorkerBudget;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.conversation.Conversations;
import io.sluice.proxy.dispatch.FaultInjection;
import io.sluice.proxy.dispatch.RequestDispatcher;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.SessionState;
import io.sluice.proxy.transport.ConnectionHandler;
import io.sluice.proxy.transport.LoopClock;
import io.sluice.proxy.transport.OutBuffer;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The clients of one pool on one event loop, and what they share. Event-loop only, but for the two counters. */
public final class ClientSessions {

    /** What all event loops of the process count together. */
    public static final class Census {
        private volatile int maxClients;
        private final AtomicInteger clients = new AtomicInteger();
        private final AtomicLong lastId = new AtomicLong();

        public Census(int maxClients) {
            this.maxClients = maxClients;
        }

        /** The next clients get larger numbers than this. */
        public void beginAfter(long id) {
            lastId.accumulateAndGet(id, Math::max);
        }

        /** The number of the newest client. */
        public long lastId() {
            return lastId.get();
        }

        /** Another bound, for clients that come from now on. */
        public void bound(int newMaxClients) {
            maxClients = newMaxClients;
        }

        public int clients() {
            return clients.get();
        }
    }

    private static final int USUAL_ARGUMENTS = 64;
    private static final int KEPT_ARGUMENTS = 4096;

    private final Census census;
    private final Protocol protocol;
    private final RequestDispatcher dispatcher;
    private final ClientLimits limits;
    private final ByteBufAllocator allocator;
    private final ReplySlotPool slots;
    private final WorkerBudget budget;
    private final PoolCounters counters;
    private final LoopClock clock;
    private final RequestDecoders decoders;
    private final FailedLogins failedLogins;
    private final Conversations conversations;
    private @Nullable FaultInjection faults;
    private int[] keyArguments = new int[USUAL_ARGUMENTS]; // reused from request to request
    private final Entry entry;
    private final PoolArrivals arrivals;
    private final PoolArrivals tlsArrivals;
    private final @Nullable IdleClients idle;
    private final Set<ClientSession> open = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<HeaderedSession> awaited =
            Collections.newSetFromMap(new IdentityHashMap<>()); // their headers are
    private boolean leaving;

    public ClientSessions(
            Census census,
            Protocol protocol,
            RequestDispatcher dispatcher,
            ClientLimits limits,
            ByteBufAllocator allocator,
            ReplySlotPool slots,
            WorkerBudget budget,
            PoolCounters counters,
            LoopClock clock,
            Entry entry) {
        this.census = census;
        this.protocol = protocol;
        this.dispatcher = dispatcher;
        this.limits = limits;
        this.allocator = allocator;
        this.slots = slots;
        this.budget = budget;
        this.counters = counters;
        this.clock = clock;
        this.decoders = new RequestDecoders(protocol);
        this.failedLogins = new FailedLogins(clock);
        this.conversations =
                new Conversations(dispatcher, protocol, allocator, counters, clock, entry.timer()::schedule);
        this.entry = entry;
        this.arrivals = new PoolArrivals(entry.pool(), entry.admission().rate(), counters, clock);
        this.tlsArrivals = new PoolArrivals(entry.pool(), entry.admission().tlsRate(), counters, clock);
        Duration idleTimeout = entry.admission().rule().idleTimeout();
        this.idle = idleTimeout == null ? null : new IdleClients(idleTimeout, entry.timer(), clock, open);
    }

    /** A session for a client that has just connected. */
    public ConnectionHandler newSession(OutBuffer out) {
        Refusal refusal = arrivals.isInTime() ? null : Refusal.TOO_FAST;
        return entry.headers().isOff()
                ? new ClientSession(this, newState(), out, refusal, null)
                : new HeaderedSession(this, entry.headers(), out, refusal);
    }

    /** A session for a client of another process; throws if {@code carried} is not what one has written down. */
    public ConnectionHandler newSession(OutBuffer out, long id, String carried) {
        CarriedClient client = CarriedClient.parse(carried);
        return new ClientSession(this, protocol.restoredSession(id, client.state()), out, null, client.announced());
    }

    /**
     * Gives every client whose connection allows it to another process, each as soon as nothing of it is under way; the
     * others get the replies they are owed, and are closed.
     */
    public void handOver(Departure departure) {
        List.copyOf(open).forEach(session -> session.handOver(departure));
        List.copyOf(awaited).forEach(session -> session.handOver(departure));
    }

    /** A session for a client with whom TLS has been agreed on, and who was let in by {@link #tlsArrivals}. */
    public ConnectionHandler newTlsSession(OutBuffer out) {
        return newOpenSession(out);
    }

    ClientSession newOpenSession(OutBuffer out) {
        return new ClientSession(this, newState(), out, null, null);
    }

    private SessionState newState() {
        return protocol.newSession(census.lastId.incrementAndGet());
    }

    /**
     * Counts a client, unless it is one too many.
     *
     * @param source where it comes from, if that is counted
     * @return null if it may come in
     */
    @Nullable Refusal admit(ClientSession session, @Nullable InetAddress source) {
        if (census.clients.incrementAndGet() > census.maxClients) {
            census.clients.decrementAndGet();
            return Refusal.PROCESS_FULL;
        }
        Refusal refusal = entry.admission().enter(source);
        if (refusal != null) {
            census.clients.decrementAndGet();
            return refusal;
        }
        open.add(session);
        if (idle != null) {
            idle.watch();
        }
        return null;
    }

    /** Whether it had been admitted; {@code source} is what it was with. */
    boolean remove(ClientSession session, @Nullable InetAddress source) {
        if (!open.remove(session)) {
            return false;
        }
        census.clients.decrementAndGet();
        entry.admission().leave(source);
        return true;
    }

    /** Who hears of clients of the pool's listener for TLS before they have a session. */
    public Arrivals tlsArrivals() {
        return tlsArrivals;
    }

    PoolArrivals arrivals() {
        return arrivals;
    }

    Entry entry() {
        return entry;
    }

    /** Lets every client have the replies it is owed, then closes it; also those that come in later. */
    public void drain() {
        leaving = true;
        List.copyOf(open).forEach(ClientSession::drain);
        List.copyOf(awaited).forEach(HeaderedSession::closeNow);
    }

    boolean isLeaving() {
        return leaving;
    }

    /** It becomes a client when its PROXY header has come. */
    void await(HeaderedSession session) {
        awaited.add(session);
    }

    /** It is a client now, or never will be. */
    void awaitNoMore(HeaderedSession session) {
        awaited.remove(session);
    }

    /** The rules for users have changed. */
    public void applyRules() {
        List.copyOf(open).forEach(ClientSession::applyRules);
    }

    public void closeNow() {
        List.copyOf(open).forEach(ClientSession::closeNow);
        List.copyOf(awaited).forEach(HeaderedSession::closeNow);
    }

    /** Whether there are clients, or connections that may yet become some. */
    public boolean isEmpty() {
        return open.isEmpty() && awaited.isEmpty();
    }

    public int size() {
        return open.size();
    }

    Protocol protocol() {
        return protocol;
    }

    /** What clients have begun and not ended. */
    public Conversations conversations() {
        return conversations;
    }

    RequestDispatcher dispatcher() {
        return dispatcher;
    }

    ClientLimits limits() {
        return limits;
    }

    RequestDecoders decoders() {
        return decoders;
    }

    WorkerBudget budget() {
        return budget;
    }

    /** From now on requests may meet faults that somebody asked for. */
    public void meet(FaultInjection injection) {
        faults = injection;
    }

    /** Where the reply to a request is to go; null if a fault sees to it, and the request must not be sent. */
    @Nullable ReplySink sinkFor(Command command, Request request, ReplySink slot) {
        FaultInjection injection = faults;
        return injection == null || !injection.isOn() ? slot : injection.sinkFor(command, request, slot);
    }

    SplitBudget splits() {
        return slots.splits();
    }

    FailedLogins failedLogins() {
        return failedLogins;
    }

    /** Room for as many numbers as there are arguments; for one use. */
    int[] keyArguments(int arguments) {
        if (keyArguments.length < arguments || keyArguments.length > KEPT_ARGUMENTS) {
            keyArguments = new int[Math.max(arguments, USUAL_ARGUMENTS)];
        }
        return keyArguments;
    }

    ClientCounts newCounts(OutBuffer out) {
        return new ClientCounts(counters, clock, out);
    }

    PendingReplies newPendingReplies(
            OutBuffer out, ClientBudget clientBudget, ClientCounts counts, PendingReplies.Owner owner) {
        return new PendingReplies(slots, protocol, out, allocator, clientBudget, counts, owner);
    }
}
