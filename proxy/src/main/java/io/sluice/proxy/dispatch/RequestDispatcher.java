package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.backend.BackendConnection;
import io.sluice.proxy.backend.BackendPools;
import io.sluice.proxy.budget.BackendBudget;
import io.sluice.proxy.command.Access;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.KeyLocator;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.transport.OutBuffer;
import org.jspecify.annotations.Nullable;

/** One request to the owners of its keys. Of one pool on one event loop. Event-loop only. */
public final class RequestDispatcher {

    /** Longest key; twemproxy's is what fits into one of its buffers of 16 KiB. */
    static final int MAX_KEY_BYTES = 1 << 20;

    private static final int USUAL_KEY_BYTES = 4096;
    private static final int USUAL_ARGUMENTS = 64;
    private static final int KEPT_ARGUMENTS = 4096;

    private final PoolRouting routing;
    private final BackendPools backends;
    private final Protocol protocol;
    private final ByteBufAllocator allocator;
    private final int maxGatheredBytes;
    private final @Nullable SparePool spare;
    private final int ownServers;

    // Reused from request to request.
    private final byte[] usualKey = new byte[USUAL_KEY_BYTES];
    private int[] keyArguments = new int[USUAL_ARGUMENTS];
    private int[] owners = new int[USUAL_ARGUMENTS];

    /** One without a spare pool. */
    public RequestDispatcher(
            PoolRouting routing,
            BackendPools backends,
            Protocol protocol,
            ByteBufAllocator allocator,
            int maxGatheredBytes) {
        this(routing, backends, protocol, allocator, maxGatheredBytes, null);
    }

    /**
     * @param maxGatheredBytes reply bytes that the parts of one split request may bring
     * @param spare whose servers {@code routing} may name; null for none
     */
    public RequestDispatcher(
            PoolRouting routing,
            BackendPools backends,
            Protocol protocol,
            ByteBufAllocator allocator,
            int maxGatheredBytes,
            @Nullable SparePool spare) {
        this.routing = routing;
        this.backends = backends;
        this.protocol = protocol;
        this.allocator = allocator;
        this.maxGatheredBytes = maxGatheredBytes;
        this.spare = spare;
        this.ownServers = backends.size();
    }

    /**
     * Sends the request on its way; its reply, or an error, goes to {@code sink}, perhaps before this returns.
     *
     * @param client chooses among the connections to a server
     * @return null, or who must be waited for before the same request is dispatched again; then nothing was done
     */
    public @Nullable BackendBudget dispatch(Command command, Request request, long client, ReplySink sink) {
        Owners owners = routing.current();
        KeyLocator keys = command.keys();
        if (keys.isSingle()) {
            return forward(command, request, owner(owners, request, keys.singleIndex()), client, sink);
        }
        return dispatchMany(owners, command, request, client, sink);
    }

    /** The index of the owner, or why there is none. */
    private int owner(Owners current, Request request, int argument) {
        int length = request.length(argument);
        if (length > MAX_KEY_BYTES) {
            return Owners.KEY_TOO_LONG;
        }
        byte[] copy = length <= usualKey.length ? usualKey : new byte[length];
        request.copy(argument, copy);
        return current.of(copy, length);
    }

    private void failWithoutOwner(int owner, ReplySink sink) {
        if (owner == Owners.KEY_TOO_LONG) {
            fail(sink, ErrorKind.MALFORMED, "a key is longer than " + MAX_KEY_BYTES + " bytes");
        } else if (owner <= Owners.EJECTED) {
            Backend ejected = backends.backend(Owners.ejected(owner));
            ejected.countError(ErrorKind.NO_SERVER);
            answer(sink, protocol.error(ErrorKind.NO_SERVER, ejected.describeEjection()));
        } else {
            fail(sink, ErrorKind.NO_SERVER, "no server in use for this key");
        }
    }

    private @Nullable BackendBudget forward(Command command, Request request, int owner, long client, ReplySink sink) {
        if (owner < 0) {
            failWithoutOwner(owner, sink);
            return null;
        }
        BackendConnection connection = connection(owner, client);
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
            if (owner < ownServers) {
                request.appendTo(connection.out());
            } else {
                appended = appendToSpare(command, request, connection.out());
            }
        } catch (RuntimeException | Error e) {
            connection.abandonUnfinished(e);
            throw e;
        }
        if (appended) {
            connection.sent(sink, isRead(command));
        } else {
            failOnSpare(command, sink);
        }
        return null;
    }

    private static boolean isRead(Command command) {
        return command.access() == Access.READ;
    }

    // ---- the spare pool

    /** Returns false, having appended nothing, for a request that could leave something there that does not expire. */
    private boolean appendToSpare(Command command, Request request, OutBuffer out) {
        backends.counters().count(PoolMetric.SPARE_REQUESTS);
        if (isRead(command)) {
            request.appendTo(out);
            return true;
        }
        return protocol.appendExpiring(request, spare().timeToLive(), out);
    }

    private void failOnSpare(Command command, ReplySink sink) {
        fail(
                sink,
                ErrorKind.NO_SERVER,
                "the key's server is ejected, and its spare pool '" + spare().name() + "' serves only reads and writes"
                        + " that can expire, not this '" + command.name() + "'");
    }

    private SparePool spare() {
        if (spare == null) {
            throw new IllegalStateException("A key is routed to a spare pool that is not there");
        }
        return spare;
    }

    // ---- several keys

    private @Nullable BackendBudget dispatchMany(
            Owners current, Command command, Request request, long client, ReplySink sink) {
        if (command.blocks(request)) {
            fail(
                    sink,
                    ErrorKind.REFUSED,
                    "'" + command.name() + "' with BLOCK needs a connection of its own, which is not served yet");
            return null;
        }
        fitArrays(request.count());
        int keys = command.keys().locate(request, keyArguments);
        if (keys <= 0) {
            backends.counters().error(ErrorKind.MALFORMED);
            answer(sink, protocol.withoutKeys(request, keys));
            return null;
        }
        boolean oneOwner = true;
        for (int i = 0; i < keys; i++) {
            owners[i] = owner(current, request, keyArguments[i]);
            oneOwner &= owners[i] == owners[0];
            if (owners[i] < 0) {
                failWithoutOwner(owners[i], sink);
                return null;
            }
        }
        if (oneOwner) {
            return forward(command, request, owners[0], client, sink);
        } else if (command.merge() == MergeRule.NONE) {
            fail(
                    sink,
                    ErrorKind.CROSS_SERVER,
                    "'" + command.name() + "' must find all its keys on one server; a hash_tag keeps keys together");
            return null;
        }
        return split(command, request, keys, client, sink);
    }

    private void fitArrays(int arguments) {
        if (keyArguments.length < arguments || keyArguments.length > KEPT_ARGUMENTS) {
            int size = Math.max(arguments, USUAL_ARGUMENTS);
            keyArguments = new int[size];
            owners = new int[size];
        }
    }

    /** One request per server, not per key. Nothing is sent where a server is known not to take its part. */
    private @Nullable BackendBudget split(Command command, Request request, int keys, long client, ReplySink sink) {
        KeyPartition partition = KeyPartition.of(owners, keyArguments, keys, servers());
        for (int part = 0; part < partition.parts(); part++) {
            if (partition.owner(part) >= ownServers) {
                backends.counters().count(PoolMetric.SPARE_REQUESTS);
                if (!isRead(command)) {
                    failOnSpare(command, sink);
                    return null;
                }
            }
            BackendConnection connection = connection(partition.owner(part), client);
            if (connection.mustWait()) {
                return connection.budget();
            }
            ErrorKind refusal = connection.refusal();
            if (refusal != null) {
                refuse(connection, refusal, sink);
                return null;
            }
        }
        if (!sink.keep(SplitRequest.overheadBytes(keys, partition.parts()))) {
            fail(sink, ErrorKind.OVERLOADED, "too much is held for this client (limits.client_held_bytes)");
            return null;
        }
        sendParts(command, request, partition, client, sink);
        return null;
    }

    private void sendParts(Command command, Request request, KeyPartition partition, long client, ReplySink sink) {
        backends.counters().count(PoolMetric.SPLIT_REQUESTS);
        backends.counters().add(PoolMetric.REQUEST_PARTS, partition.parts());
        SplitRequest split = new SplitRequest(
                protocol,
                allocator,
                protocol.mergeOf(command.merge(), request),
                partition.partOfKey(),
                partition.parts(),
                maxGatheredBytes,
                backends.counters(),
                sink);
        for (int part = 0; part < partition.parts(); part++) {
            BackendConnection connection = connection(partition.owner(part), client);
            try {
                protocol.appendPart(
                        request,
                        partition.keyArguments(),
                        partition.begin(part),
                        partition.begin(part + 1),
                        connection.out());
            } catch (RuntimeException | Error e) {
                connection.abandonUnfinished(e);
                split.breakFrom(part); // what the parts before it bring is released with the last one heard of
                throw e;
            }
            connection.sent(split.sink(part), isRead(command));
        }
    }

    private int servers() {
        return spare == null ? ownServers : ownServers + spare.backends().size();
    }

    private BackendConnection connection(int owner, long client) {
        Backend backend = owner < ownServers
                ? backends.backend(owner)
                : spare().backends().backend(owner - ownServers);
        return backend.connection(client);
    }

    private void fail(ReplySink sink, ErrorKind kind, String detail) {
        backends.counters().error(kind);
        answer(sink, protocol.error(kind, detail));
    }

    private void refuse(BackendConnection connection, ErrorKind refusal, ReplySink sink) {
        connection.refused(refusal);
        answer(sink, protocol.error(refusal, connection.describe(refusal)));
    }

    private static void answer(ReplySink sink, ByteBuf error) {
        sink.onReply(error, 0, error.readableBytes(), true);
    }
}
