package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sluice.proxy.backend.BackendConnection;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.dispatch.window.CacheWindow;
import io.sluice.proxy.dispatch.window.Ends;
import io.sluice.proxy.dispatch.window.Step;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.routing.cluster.TwoRings;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where requests pass while a ring of caches is on its way. Keys that keep their owner go their usual way; so does, in part,
 * a get of many keys. The others go to their owner of now, or {@link CacheWindow visit} both. They are served only while
 * the lease is held, and not at a third server if their own is left out.
 *
 * <pre>
 *                PREPARE     INVALIDATE            WINDOW                CLOSING
 *   read         before      before                after, before         after
 *   write        before      before, off both      off before, after     off before, after
 * </pre>
 */
final class CachePassage implements RingPassage {

    private static final int USUAL_ARGUMENTS = 64;
    private static final int KEPT_ARGUMENTS = 4096;

    private final TwoRings rings;
    private final Handoff[] change;
    private final @Nullable Step step; // null while everything goes to the owner of now
    private final CacheWindow window;
    private final HandoffGate gate;
    private final Protocol protocol;
    private final PoolCounters counters;
    private final ByteBufAllocator allocator;
    private final ByteBuf scratch;
    private final int maxGatheredBytes;
    private int[] keyArguments = new int[USUAL_ARGUMENTS];
    private int[] owners = new int[USUAL_ARGUMENTS]; // those from firstVisit on: keys that visit two servers
    private int firstVisit;

    CachePassage(
            TwoRings rings,
            Handoff change,
            CacheWindow window,
            HandoffGate gate,
            Protocol protocol,
            PoolCounters counters,
            ByteBufAllocator allocator,
            ByteBuf scratch,
            int maxGatheredBytes) {
        this.rings = rings;
        this.change = new Handoff[] {change};
        this.step = step(rings.change().state());
        this.window = window;
        this.gate = gate;
        this.protocol = protocol;
        this.counters = counters;
        this.allocator = allocator;
        this.scratch = scratch;
        this.maxGatheredBytes = maxGatheredBytes;
    }

    private static @Nullable Step step(RingChangeState state) {
        return switch (state) {
            case PREPARE -> null;
            case INVALIDATE -> Step.INVALIDATE;
            case WINDOW -> Step.WINDOW;
            case CLOSING -> Step.CLOSING;
            case SEALED, TURNING, DRAINING -> throw new IllegalArgumentException("A ring of caches cannot be " + state);
        };
    }

    @Override
    public @Nullable Room dispatch(
            RequestDispatcher dispatcher,
            PoolSnapshot pool,
            Command command,
            Request request,
            long client,
            ReplySink sink) {
        Room busy = window.busy(command, request, client);
        if (busy != null) { // perhaps since an earlier version, in which another key was on its way
            return busy;
        }
        if (request.count() > keyArguments.length || keyArguments.length > KEPT_ARGUMENTS) {
            int size = Math.max(request.count(), USUAL_ARGUMENTS);
            keyArguments = new int[size];
            owners = new int[size];
        }
        int keys = command.keys().locate(request, keyArguments);
        if (keys <= 0 || !anyMoves(request, keys)) {
            return dispatcher.send(pool, command, request, client, sink);
        }
        if (!gate.isOpen(change)) {
            return gate.park(change, request, client, sink);
        }
        return keys == 1
                ? one(dispatcher, pool, command, request, client, sink)
                : many(dispatcher, pool, command, request, keys, client, sink);
    }

    private boolean anyMoves(Request request, int keys) {
        for (int i = 0; i < keys; i++) {
            byte[] key = key(request, keyArguments[i]);
            if (rings.moves(key, 0, key.length)) {
                return true;
            }
        }
        return false;
    }

    private static byte[] key(Request request, int argument) {
        byte[] key = new byte[request.length(argument)];
        request.copy(argument, key);
        return key;
    }

    /** Null if a server that would have to be asked is not there. */
    private @Nullable Ends ends(PoolSnapshot pool, byte[] key) {
        int before = rings.before(key, 0, key.length);
        int after = rings.after(key, 0, key.length);
        int home = step == Step.INVALIDATE ? before : after;
        int other = step == Step.INVALIDATE ? after : before;
        return home < 0 ? null : new Ends(pool.server(home), other < 0 ? null : pool.server(other));
    }

    // ---- one key

    private @Nullable Room one(
            RequestDispatcher dispatcher,
            PoolSnapshot pool,
            Command command,
            Request request,
            long client,
            ReplySink sink) {
        int argument = keyArguments[0];
        byte[] key = key(request, argument);
        if (step == null) {
            gate.passed(client);
            int owner = rings.before(key, 0, key.length);
            return dispatcher.forward(pool, command, request, owner, client, gate.check(change, command, sink));
        }
        Ends ends = ends(pool, key);
        if (ends == null) {
            return dispatcher.forward(pool, command, request, Owners.NOBODY, client, sink);
        }
        Room room = window.mustWait(ends, client);
        if (room == null) {
            gate.passed(client);
            window.begin(step, ends, command, request, argument, client, gate.check(change, command, sink));
        }
        return room;
    }

    // ---- several keys

    private @Nullable Room many(
            RequestDispatcher dispatcher,
            PoolSnapshot pool,
            Command command,
            Request request,
            int keys,
            long client,
            ReplySink sink) {
        firstVisit = RequestDispatcher.serversWithSpare(pool);
        int homeless = findOwners(pool, request, keys);
        if (homeless < 0) {
            return dispatcher.forward(pool, command, request, homeless, client, sink);
        }
        KeyPartition partition = KeyPartition.of(owners, keyArguments, keys, firstVisit + keys);
        for (int part = 0; part < partition.parts(); part++) {
            if (isOfSpare(pool, partition, part) && !RequestDispatcher.isRead(command)) {
                counters.count(PoolMetric.SPARE_REQUESTS);
                dispatcher.failOnSpare(pool, command, sink);
                return null;
            }
            Room room = mustWait(pool, request, partition, part, client);
            if (room != null) {
                return room;
            }
        }
        ReplySink checked = gate.check(change, command, sink);
        if (!checked.keep(SplitRequest.overheadBytes(keys, partition.parts()))) {
            dispatcher.fail(sink, ErrorKind.OVERLOADED, "too much is held for this client (limits.client_held_bytes)");
            return null;
        }
        gate.passed(client);
        counters.count(PoolMetric.SPLIT_REQUESTS);
        SplitRequest split = new SplitRequest(
                protocol,
                allocator,
                protocol.mergeOf(command.merge(), request),
                partition.partOfKey(),
                partition.parts(),
                maxGatheredBytes,
                counters,
                scratch,
                checked);
        counters.add(PoolMetric.REQUEST_PARTS, partition.parts() - repeatSameKeys(request, partition, split));
        for (int part = 0; part < partition.parts(); part++) {
            if (split.isRepeated(part)) {
                continue;
            }
            try {
                if (partition.owner(part) >= firstVisit) {
                    visit(pool, command, request, partition, part, client, split.sink(part));
                } else {
                    sendPart(dispatcher, pool, command, request, partition, part, client, split.sink(part));
                }
            } catch (RuntimeException | Error e) {
                split.breakFrom(part); // what the parts before it bring is released with the last one heard of
                throw e;
            }
        }
        return null;
    }

    /**
     * Two visits of one request to the same key would be in each other's way: one of them might find nothing. Returns how
     * many are spared.
     */
    private int repeatSameKeys(Request request, KeyPartition partition, SplitRequest split) {
        int repeated = 0;
        Map<ByteBuffer, Integer> parts = new HashMap<>();
        for (int part = 0; part < partition.parts(); part++) {
            if (partition.owner(part) >= firstVisit) {
                byte[] key = key(request, partition.keyArguments()[partition.begin(part)]);
                Integer former = parts.putIfAbsent(ByteBuffer.wrap(key), part);
                if (former != null) {
                    split.repeat(part, former);
                    repeated++;
                }
            }
        }
        return repeated;
    }

    private boolean isOfSpare(PoolSnapshot pool, KeyPartition partition, int part) {
        int owner = partition.owner(part);
        return owner >= pool.size() && owner < firstVisit;
    }

    /** Each key that visits two servers is a part of its own. Returns why a key has no owner, or 0. */
    private int findOwners(PoolSnapshot pool, Request request, int keys) {
        Owners current = pool.owners();
        for (int i = 0; i < keys; i++) {
            byte[] key = key(request, keyArguments[i]);
            if (!rings.moves(key, 0, key.length)) {
                owners[i] = RequestDispatcher.owner(pool, current, key, 0, key.length);
            } else if (step == null) {
                owners[i] = rings.before(key, 0, key.length);
            } else {
                owners[i] = ends(pool, key) == null ? Owners.NOBODY : firstVisit + i;
            }
            if (owners[i] < 0) {
                return owners[i];
            }
        }
        return 0;
    }

    private @Nullable Room mustWait(PoolSnapshot pool, Request request, KeyPartition partition, int part, long client) {
        if (partition.owner(part) >= firstVisit) {
            byte[] key = key(request, partition.keyArguments()[partition.begin(part)]);
            return window.mustWait(needed(ends(pool, key)), client);
        }
        BackendConnection connection = RequestDispatcher.connection(pool, partition.owner(part), client);
        return connection.mustWait() ? connection.budget() : null;
    }

    private static Ends needed(@Nullable Ends ends) {
        if (ends == null) {
            throw new IllegalStateException("A key without a server was to visit it");
        }
        return ends;
    }

    private void visit(
            PoolSnapshot pool,
            Command command,
            Request request,
            KeyPartition partition,
            int part,
            long client,
            ReplySink sink) {
        int argument = partition.keyArguments()[partition.begin(part)];
        if (step != null) {
            window.begin(step, needed(ends(pool, key(request, argument))), command, request, argument, client, sink);
        }
    }

    private void sendPart(
            RequestDispatcher dispatcher,
            PoolSnapshot pool,
            Command command,
            Request request,
            KeyPartition partition,
            int part,
            long client,
            ReplySink sink) {
        BackendConnection connection = RequestDispatcher.connection(pool, partition.owner(part), client);
        ErrorKind refusal = connection.refusal();
        if (refusal != null) {
            dispatcher.refuse(connection, refusal, sink);
            return;
        }
        try {
            protocol.appendPart(
                    request,
                    partition.keyArguments(),
                    partition.begin(part),
                    partition.begin(part + 1),
                    connection.out());
        } catch (RuntimeException | Error e) {
            connection.abandonUnfinished(e);
            throw e;
        }
        if (isOfSpare(pool, partition, part)) {
            counters.count(PoolMetric.SPARE_REQUESTS);
        }
        connection.sent(sink, RequestDispatcher.isRead(command));
    }
}
