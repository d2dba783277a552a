package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.backend.BackendConnection;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.command.Access;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.KeyLocator;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.routing.cluster.Handoff;
import org.jspecify.annotations.Nullable;

/** One request to the owners of its keys. Of one pool on one event loop. Event-loop only. */
public final class RequestDispatcher {

    /** Longest key; twemproxy's is what fits into one of its buffers of 16 KiB. */
    static final int MAX_KEY_BYTES = 1 << 20;

    private static final int USUAL_KEY_BYTES = 4096;
    private static final int USUAL_ARGUMENTS = 64;
    private static final int KEPT_ARGUMENTS = 4096;

    private final PoolCounters counters;
    private final Protocol protocol;
    private final RequestParts parts;
    private final @Nullable HandoffGate gate;
    private PoolSnapshot snapshot; // read once per request

    // Reused from request to request.
    private final byte[] usualKey = new byte[USUAL_KEY_BYTES];
    private int[] keyArguments = new int[USUAL_ARGUMENTS];
    private int[] owners = new int[USUAL_ARGUMENTS];

    /** Of a pool whose slots, if it has any, stay where they are. */
    public RequestDispatcher(
            PoolSnapshot snapshot,
            PoolCounters counters,
            Protocol protocol,
            ByteBufAllocator allocator,
            int maxGatheredBytes) {
        this(snapshot, counters, protocol, allocator, maxGatheredBytes, null);
    }

    /**
     * @param maxGatheredBytes reply bytes that the parts of one split request may bring
     * @param gate where requests in slots that are on their way pass; null only where none ever are
     */
    public RequestDispatcher(
            PoolSnapshot snapshot,
            PoolCounters counters,
            Protocol protocol,
            ByteBufAllocator allocator,
            int maxGatheredBytes,
            @Nullable HandoffGate gate) {
        this.gate = gate;
        this.snapshot = snapshot;
        this.counters = counters;
        this.protocol = protocol;
        this.parts = new RequestParts(this, protocol, allocator, counters, maxGatheredBytes);
    }

    /** Requests from now on see this version of the pool. */
    public void use(PoolSnapshot next) {
        snapshot = next;
    }

    /** The version of the pool that requests see now. */
    PoolSnapshot snapshot() {
        return snapshot;
    }

    /** The whole request to two servers, whose replies become one. */
    @Nullable Room sendToBoth(
            PoolSnapshot pool,
            Command command,
            Request request,
            int[] both,
            MergeRule rule,
            long client,
            ReplySink sink) {
        return parts.sendWhole(pool, command, request, both, rule, client, sink);
    }

    /** Null only where no slots are ever on their way. */
    @Nullable HandoffGate gate() {
        return gate;
    }

    /** Whether a key of the next request would go to the server of this name; to none while that is left out. */
    boolean owns(String server, byte[] key, int length) {
        PoolSnapshot pool = snapshot;
        int owner = pool.owners().of(key, length);
        return owner >= 0 && pool.server(owner).name().equals(server);
    }

    /**
     * Sends the request on its way; its reply, or an error, goes to {@code sink}, perhaps before this returns.
     *
     * @param client chooses among the connections to a server
     * @return null, or who must be waited for before the same request is dispatched again; then nothing was done
     */
    public @Nullable Room dispatch(Command command, Request request, long client, ReplySink sink) {
        PoolSnapshot pool = snapshot;
        return pool.isAtRest()
                ? send(pool, command, request, client, sink)
                : sendOnTheWay(pool, command, request, client, sink);
    }

    private @Nullable Room sendOnTheWay(
            PoolSnapshot pool, Command command, Request request, long client, ReplySink sink) {
        RingPassage passage = pool.passage();
        if (passage != null) {
            return passage.dispatch(this, pool, command, request, client, sink);
        }
        return sendInPlace(pool, command, request, client, sink);
    }

    /** The same while the ring, if it is one, stays as it is. */
    @Nullable Room sendInPlace(PoolSnapshot pool, Command command, Request request, long client, ReplySink sink) {
        PoolHandoffs handoffs = pool.handoffs();
        return handoffs == null
                ? send(pool, command, request, client, sink)
                : sendGuarded(pool, handoffs, command, request, client, sink);
    }

    /** The same in a pool of which slots are on their way. */
    private @Nullable Room sendGuarded(
            PoolSnapshot pool, PoolHandoffs handoffs, Command command, Request request, long client, ReplySink sink) {
        HandoffGate guard = gate;
        if (guard == null) {
            throw new IllegalStateException("Slots are on their way in a pool without a gate");
        }
        Handoff[] concerned = guard.of(handoffs, command, request);
        boolean open = concerned.length == 0 || guard.isOpen(concerned);
        if (!open && !isOverSlots(pool, command, request)) {
            return guard.park(concerned, request, client, sink);
        }
        guard.passed(client);
        boolean checks = open && concerned.length > 0; // what is refused now is sent nowhere: nothing to check
        return send(pool, command, request, client, checks ? guard.check(concerned, command, sink) : sink);
    }

    /** Whether it would wait for nothing: keys in several slots are refused wherever these are. */
    private boolean isOverSlots(PoolSnapshot pool, Command command, Request request) {
        if (command.keys().isSingle() || command.merge() != MergeRule.NONE) {
            return false;
        }
        fitArrays(request.count());
        int keys = command.keys().locate(request, keyArguments);
        return keys > 1 && !areInOneSlot(pool, request, keys);
    }

    /** To the owners of its keys as if none were on its way. */
    @Nullable Room send(PoolSnapshot pool, Command command, Request request, long client, ReplySink sink) {
        Owners current = pool.owners();
        KeyLocator keys = command.keys();
        if (keys.isSingle()) {
            int owner = owner(pool, current, request, keys.singleIndex());
            return forward(pool, command, request, owner, client, sink);
        }
        return dispatchMany(pool, current, command, request, client, sink);
    }

    /** The index of the owner, behind the pool's own ones that of a spare server; or why there is none. */
    private int owner(PoolSnapshot pool, Owners current, Request request, int argument) {
        int length = request.length(argument);
        if (length > MAX_KEY_BYTES) {
            return Owners.KEY_TOO_LONG;
        }
        byte[] copy = length <= usualKey.length ? usualKey : new byte[length];
        request.copy(argument, copy);
        return owner(pool, current, copy, 0, length);
    }

    static int owner(PoolSnapshot pool, Owners current, byte[] bytes, int offset, int length) {
        int owner = current.of(bytes, offset, length);
        return owner > Owners.EJECTED ? owner : substitute(pool, owner, bytes, offset, length);
    }

    /** The owners of several keys; a request of usual length is copied once, not each key of it. */
    private void findOwners(PoolSnapshot pool, Owners current, Request request, int keys) {
        boolean isUsual = request.length() <= usualKey.length;
        if (isUsual) {
            request.buffer().getBytes(request.start(), usualKey, 0, request.length());
        }
        for (int i = 0; i < keys; i++) {
            int argument = keyArguments[i];
            owners[i] = isUsual
                    ? owner(
                            pool,
                            current,
                            usualKey,
                            request.index(argument) - request.start(),
                            request.length(argument))
                    : owner(pool, current, request, argument);
        }
    }

    private static int substitute(PoolSnapshot pool, int owner, byte[] bytes, int offset, int length) {
        PoolSnapshot spare = spare(pool);
        int server = spare == null ? Owners.NOBODY : spare.owners().of(bytes, offset, length);
        return server < 0 ? owner : pool.size() + server;
    }

    private static @Nullable PoolSnapshot spare(PoolSnapshot pool) {
        SparePool spare = pool.spare();
        return spare == null ? null : spare.current().get();
    }

    private void failWithoutOwner(PoolSnapshot pool, int owner, ReplySink sink) {
        if (owner == Owners.KEY_TOO_LONG) {
            fail(sink, ErrorKind.MALFORMED, "a key is longer than " + MAX_KEY_BYTES + " bytes");
        } else if (owner <= Owners.EJECTED) {
            Backend ejected = pool.server(Owners.ejected(owner));
            ejected.countError(ErrorKind.NO_SERVER);
            answer(sink, protocol.error(ErrorKind.NO_SERVER, ejected.describeEjection()));
        } else {
            fail(sink, ErrorKind.NO_SERVER, pool.whyNobody());
        }
    }

    /** To one server, or to none if {@code owner} is negative and says why. */
    @Nullable Room forward(PoolSnapshot pool, Command command, Request request, int owner, long client, ReplySink sink) {
        if (owner < 0) {
            failWithoutOwner(pool, owner, sink);
            return null;
        }
        BackendConnection connection = connection(pool, owner, client);
        if (connection.mustWait()) {
            return connection.budget();
        }
        ErrorKind refusal = connection.refusal();
        if (refusal != null) {
            refuse(connection, refusal, sink);
            return null;
        }
        boolean appended = true;
        try {
            if (owner < pool.size()) {
                connection.append(request);
            } else {
                appended = appendToSpare(pool, command, request, connection);
            }
        } catch (RuntimeException | Error e) {
            connection.abandonUnfinished(e);
            throw e;
        }
        if (appended) {
            connection.sent(sink, isRead(command));
        } else {
            failOnSpare(pool, command, sink);
        }
        return null;
    }

    static boolean isRead(Command command) {
        return command.access() == Access.READ;
    }

    // ---- the spare pool

    /** Returns false, having appended nothing, for a request that could leave something there that does not expire. */
    private boolean appendToSpare(PoolSnapshot pool, Command command, Request request, BackendConnection connection) {
        counters.count(PoolMetric.SPARE_REQUESTS);
        if (isRead(command)) {
            connection.append(request);
            return true;
        }
        SparePool spare = pool.spare();
        return spare != null && protocol.appendExpiring(request, spare.timeToLive(), connection.out());
    }

    void failOnSpare(PoolSnapshot pool, Command command, ReplySink sink) {
        String name = pool.spare() == null ? "" : pool.spare().name();
        fail(
                sink,
                ErrorKind.NO_SERVER,
                "the key's server is ejected, and its spare pool '" + name + "' serves only reads and writes that can"
                        + " expire, not this '" + command.name() + "'");
    }

    // ---- several keys

    private @Nullable Room dispatchMany(
            PoolSnapshot pool, Owners current, Command command, Request request, long client, ReplySink sink) {
        fitArrays(request.count());
        int keys = command.keys().locate(request, keyArguments);
        if (keys <= 0) {
            counters.error(ErrorKind.MALFORMED);
            answer(sink, protocol.withoutKeys(request, keys));
            return null;
        }
        findOwners(pool, current, request, keys);
        boolean oneOwner = true;
        for (int i = 0; i < keys; i++) {
            oneOwner &= owners[i] == owners[0];
            if (owners[i] < 0) {
                failWithoutOwner(pool, owners[i], sink);
                return null;
            }
        }
        if (keys > 1 && command.merge() == MergeRule.NONE && pool.hasSlots() && !areInOneSlot(pool, request, keys)) {
            fail(
                    sink,
                    ErrorKind.CROSS_SERVER,
                    "'" + command.name()
                            + "' must find all its keys in one slot; a hash tag {...} keeps keys together");
            return null;
        }
        if (oneOwner) {
            return forward(pool, command, request, owners[0], client, sink);
        } else if (command.merge() == MergeRule.NONE) {
            fail(
                    sink,
                    ErrorKind.CROSS_SERVER,
                    "'" + command.name() + "' must find all its keys on one server; a hash_tag keeps keys together");
            return null;
        }
        KeyPartition partition = KeyPartition.of(owners, keyArguments, keys, serversWithSpare(pool));
        return parts.send(pool, command, request, partition, client, sink);
    }

    /** Slots that are with the same server today need not be tomorrow. */
    private boolean areInOneSlot(PoolSnapshot pool, Request request, int keys) {
        int first = slot(pool, request, keyArguments[0]);
        for (int i = 1; i < keys; i++) {
            if (slot(pool, request, keyArguments[i]) != first) {
                return false;
            }
        }
        return true;
    }

    private static int slot(PoolSnapshot pool, Request request, int argument) {
        byte[] key = new byte[request.length(argument)];
        request.copy(argument, key);
        return pool.slot(key, 0, key.length);
    }

    private void fitArrays(int arguments) {
        if (keyArguments.length < arguments || keyArguments.length > KEPT_ARGUMENTS) {
            int size = Math.max(arguments, USUAL_ARGUMENTS);
            keyArguments = new int[size];
            owners = new int[size];
        }
    }

    static int serversWithSpare(PoolSnapshot pool) {
        PoolSnapshot spare = spare(pool);
        return spare == null ? pool.size() : pool.size() + spare.size();
    }

    static BackendConnection connection(PoolSnapshot pool, int owner, long client) {
        PoolSnapshot spare = owner < pool.size() ? null : spare(pool);
        Backend backend = spare == null ? pool.server(owner) : spare.server(owner - pool.size());
        return backend.connection(client);
    }

    void fail(ReplySink sink, ErrorKind kind, String detail) {
        counters.error(kind);
        answer(sink, protocol.error(kind, detail));
    }

    void refuse(BackendConnection connection, ErrorKind refusal, ReplySink sink) {
        connection.refused(refusal);
        answer(sink, protocol.error(refusal, connection.describe(refusal)));
    }

    private static void answer(ReplySink sink, ByteBuf error) {
        sink.onReply(error, 0, error.readableBytes(), true);
    }
}
