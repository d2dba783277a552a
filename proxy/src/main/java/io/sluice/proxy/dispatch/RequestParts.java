package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.backend.BackendConnection;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.PartReplies;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import org.jspecify.annotations.Nullable;

/** Sends one request to several servers, whose replies become one. Of one dispatcher. Event-loop only. */
final class RequestParts {

    private static final int FIRST_SCRATCH_BYTES = 1024;

    private final RequestDispatcher dispatcher;
    private final Protocol protocol;
    private final ByteBufAllocator allocator;
    private final PoolCounters counters;
    private final int maxGatheredBytes;
    private final ByteBuf scratch = Unpooled.buffer(FIRST_SCRATCH_BYTES, PartReplies.SCRATCH_BYTES);

    RequestParts(
            RequestDispatcher dispatcher,
            Protocol protocol,
            ByteBufAllocator allocator,
            PoolCounters counters,
            int maxGatheredBytes) {
        this.dispatcher = dispatcher;
        this.protocol = protocol;
        this.allocator = allocator;
        this.counters = counters;
        this.maxGatheredBytes = maxGatheredBytes;
    }

    /** One request per server, not per key. Nothing is sent where a server is known not to take its part. */
    @Nullable Room send(
            PoolSnapshot pool, Command command, Request request, KeyPartition partition, long client, ReplySink sink) {
        for (int part = 0; part < partition.parts(); part++) {
            if (partition.owner(part) >= pool.size() && !RequestDispatcher.isRead(command)) {
                counters.count(PoolMetric.SPARE_REQUESTS);
                dispatcher.failOnSpare(pool, command, sink);
                return null;
            }
            BackendConnection connection = RequestDispatcher.connection(pool, partition.owner(part), client);
            if (connection.mustWait()) {
                return connection.budget();
            }
            if (isRefused(connection, sink)) {
                return null;
            }
        }
        SplitRequest split = begin(command.merge(), request, partition.partOfKey(), partition.parts(), sink);
        if (split != null) {
            sendParts(pool, command, request, partition, client, split);
        }
        return null;
    }

    private boolean isRefused(BackendConnection connection, ReplySink sink) {
        ErrorKind refusal = connection.refusal();
        if (refusal != null) {
            dispatcher.refuse(connection, refusal, sink);
        }
        return refusal != null;
    }

    /** Null, after an error, if its replies may not be kept until all are there. */
    private @Nullable SplitRequest begin(MergeRule rule, Request request, int[] partOfKey, int parts, ReplySink sink) {
        if (!sink.keep(SplitRequest.overheadBytes(partOfKey.length, parts))) {
            dispatcher.fail(sink, ErrorKind.OVERLOADED, "too much is held for this client (limits.client_held_bytes)");
            return null;
        }
        counters.count(PoolMetric.SPLIT_REQUESTS);
        counters.add(PoolMetric.REQUEST_PARTS, parts);
        return new SplitRequest(
                protocol,
                allocator,
                protocol.mergeOf(rule, request),
                partOfKey,
                parts,
                maxGatheredBytes,
                counters,
                scratch,
                sink);
    }

    private void sendParts(
            PoolSnapshot pool,
            Command command,
            Request request,
            KeyPartition partition,
            long client,
            SplitRequest split) {
        for (int part = 0; part < partition.parts(); part++) {
            BackendConnection connection = RequestDispatcher.connection(pool, partition.owner(part), client);
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
            if (partition.owner(part) >= pool.size()) {
                counters.count(PoolMetric.SPARE_REQUESTS); // now: a request that must wait is dispatched again
            }
            connection.sent(split.sink(part), RequestDispatcher.isRead(command));
        }
    }

    /** All of a request to each of these servers of the pool; to none if one is known not to take it. */
    @Nullable Room sendWhole(
            PoolSnapshot pool,
            Command command,
            Request request,
            int[] servers,
            MergeRule rule,
            long client,
            ReplySink sink) {
        for (int server : servers) {
            BackendConnection connection = RequestDispatcher.connection(pool, server, client);
            if (connection.mustWait()) {
                return connection.budget();
            }
            if (isRefused(connection, sink)) {
                return null;
            }
        }
        SplitRequest split = begin(rule, request, new int[1], servers.length, sink);
        for (int part = 0; split != null && part < servers.length; part++) {
            BackendConnection connection = RequestDispatcher.connection(pool, servers[part], client);
            try {
                connection.append(request);
            } catch (RuntimeException | Error e) {
                connection.abandonUnfinished(e);
                split.breakFrom(part);
                throw e;
            }
            connection.sent(split.sink(part), RequestDispatcher.isRead(command));
        }
        return null;
    }
}
