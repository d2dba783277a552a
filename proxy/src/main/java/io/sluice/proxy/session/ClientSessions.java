package io.sluice.proxy.session;

import io.netty.buffer.ByteBufAllocator;
import io.sluice.proxy.budget.ClientBudget;
import io.sluice.proxy.budget.ClientLimits;
import io.sluice.proxy.budget.WorkerBudget;
import io.sluice.proxy.dispatch.RequestDispatcher;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.SessionState;
import io.sluice.proxy.transport.ConnectionHandler;
import io.sluice.proxy.transport.LoopClock;
import io.sluice.proxy.transport.OutBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

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

        /** Another bound, for clients that come from now on. */
        public void bound(int newMaxClients) {
            maxClients = newMaxClients;
        }

        public int clients() {
            return clients.get();
        }
    }

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
    private final Set<ClientSession> open = Collections.newSetFromMap(new IdentityHashMap<>());

    public ClientSessions(
            Census census,
            Protocol protocol,
            RequestDispatcher dispatcher,
            ClientLimits limits,
            ByteBufAllocator allocator,
            ReplySlotPool slots,
            WorkerBudget budget,
            PoolCounters counters,
            LoopClock clock) {
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
    }

    /** A session for a client that has just connected. */
    public ConnectionHandler newSession(OutBuffer out) {
        SessionState state = new SessionState(census.lastId.incrementAndGet(), !protocol.requiresAuthentication());
        return new ClientSession(this, state, out);
    }

    /** Counts a client; one too many is not counted, since it is about to be closed, and gets false. */
    boolean admit(ClientSession session) {
        if (census.clients.incrementAndGet() > census.maxClients) {
            census.clients.decrementAndGet();
            return false;
        }
        return open.add(session);
    }

    /** Whether it had been admitted. */
    boolean remove(ClientSession session) {
        if (!open.remove(session)) {
            return false;
        }
        census.clients.decrementAndGet();
        return true;
    }

    /** Lets every client have the replies it is owed, then closes it. */
    public void drain() {
        List.copyOf(open).forEach(ClientSession::drain);
    }

    public void closeNow() {
        List.copyOf(open).forEach(ClientSession::closeNow);
    }

    public int size() {
        return open.size();
    }

    Protocol protocol() {
        return protocol;
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

    ClientCounts newCounts(OutBuffer out) {
        return new ClientCounts(counters, clock, out);
    }

    PendingReplies newPendingReplies(
            OutBuffer out, ClientBudget clientBudget, ClientCounts counts, PendingReplies.Owner owner) {
        return new PendingReplies(slots, protocol, out, allocator, clientBudget, counts, owner);
    }
}
