package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sluice.proxy.backend.BackendConnection;
import io.sluice.proxy.backend.BackendPools;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.KeyLocator;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.routing.Router;
import java.util.Arrays;

/** One request to the owners of its keys. Of one pool on one event loop. Event-loop only. */
public final class RequestDispatcher {

    private static final int USUAL_KEY_BYTES = 1024;
    private static final int KEPT_KEY_BYTES = 64 << 10;
    private static final int USUAL_ARGUMENTS = 64;
    private static final int KEPT_ARGUMENTS = 4096;

    private final PoolRouting routing;
    private final BackendPools backends;
    private final Protocol protocol;
    private final ByteBufAllocator allocator;
    private final int maxGatheredBytes;

    // Reused from request to request.
    private byte[] key = new byte[USUAL_KEY_BYTES];
    private int[] keyArguments = new int[USUAL_ARGUMENTS];
    private int[] owners = new int[USUAL_ARGUMENTS];

    /** @param maxGatheredBytes reply bytes that the parts of one split request may bring */
    public RequestDispatcher(
            PoolRouting routing,
            BackendPools backends,
            Protocol protocol,
            ByteBufAllocator allocator,
            int maxGatheredBytes) {
        this.routing = routing;
        this.backends = backends;
        this.protocol = protocol;
        this.allocator = allocator;
        this.maxGatheredBytes = maxGatheredBytes;
    }

    /**
     * Sends the request on its way; its reply, or an error, goes to {@code sink}, perhaps before this returns.
     *
     * @param client chooses among the connections to a server
     */
    public void dispatch(Command command, Request request, long client, ReplySink sink) {
        Router router = routing.current();
        KeyLocator keys = command.keys();
        if (keys.isSingle()) {
            forward(request, owner(router, request, keys.singleIndex()), client, sink);
        } else {
            dispatchMany(router, command, request, client, sink);
        }
    }

    private int owner(Router router, Request request, int argument) {
        int length = request.length(argument);
        if (length > key.length || key.length > KEPT_KEY_BYTES) {
            key = new byte[Math.max(length, USUAL_KEY_BYTES)]; // the request's own bound is the key's
        }
        request.copy(argument, key);
        return router.serverIndex(key, 0, length);
    }

    private void forward(Request request, int owner, long client, ReplySink sink) {
        if (owner < 0) {
            fail(sink, ErrorKind.NO_SERVER, "no server in use for this key");
            return;
        }
        BackendConnection connection = backends.backend(owner).connection(client);
        ErrorKind refusal = connection.refusal();
        if (refusal != null) {
            fail(sink, refusal, connection.describe(refusal));
            return;
        }
        connection.out().append(request.buffer(), request.start(), request.length());
        connection.sent(sink);
    }

    // ---- several keys

    private void dispatchMany(Router router, Command command, Request request, long client, ReplySink sink) {
        if (command.blocks(request)) {
            fail(
                    sink,
                    ErrorKind.REFUSED,
                    "'" + command.name() + "' with BLOCK needs a connection of its own, which is not" + " served yet");
            return;
        }
        fitArrays(request.count());
        int keys = command.keys().locate(request, keyArguments);
        if (keys <= 0) {
            ByteBuf error = protocol.withoutKeys(request, keys);
            sink.onReply(error, 0, error.readableBytes(), true);
            return;
        }
        boolean oneOwner = true;
        for (int i = 0; i < keys; i++) {
            owners[i] = owner(router, request, keyArguments[i]);
            oneOwner &= owners[i] == owners[0];
            if (owners[i] < 0) {
                fail(sink, ErrorKind.NO_SERVER, "no server in use for key " + (i + 1) + " of " + keys);
                return;
            }
        }
        if (oneOwner) {
            forward(request, owners[0], client, sink);
        } else if (command.merge() == MergeRule.NONE) {
            fail(
                    sink,
                    ErrorKind.CROSS_SERVER,
                    "'" + command.name() + "' must find all its keys on one server; a hash_tag"
                            + " keeps keys together");
        } else {
            split(command, request, keys, client, sink);
        }
    }

    private void fitArrays(int arguments) {
        if (keyArguments.length < arguments || keyArguments.length > KEPT_ARGUMENTS) {
            int size = Math.max(arguments, USUAL_ARGUMENTS);
            keyArguments = new int[size];
            owners = new int[size];
        }
    }

    /** One request per server, not per key. Nothing is sent where a server is known not to take its part. */
    private void split(Command command, Request request, int keys, long client, ReplySink sink) {
        int[] partOfKey = new int[keys];
        int[] ownerOfPart = partition(keys, partOfKey);
        for (int owner : ownerOfPart) {
            BackendConnection connection = backends.backend(owner).connection(client);
            ErrorKind refusal = connection.refusal();
            if (refusal != null) {
                fail(sink, refusal, connection.describe(refusal));
                return;
            }
        }
        SplitRequest split = new SplitRequest(
                protocol, allocator, command.merge(), partOfKey, ownerOfPart.length, maxGatheredBytes, sink);
        for (int part = 0; part < ownerOfPart.length; part++) {
            BackendConnection connection = backends.backend(ownerOfPart[part]).connection(client);
            protocol.appendPart(request, keyArguments, partOfKey, keys, part, connection.out());
            connection.sent(split.sink(part));
        }
    }

    /** Numbers the owners in the order in which they appear. */
    private int[] partition(int keys, int[] partOfKey) {
        int[] ownerOfPart = new int[Math.min(keys, backends.size())];
        int parts = 0;
        for (int i = 0; i < keys; i++) {
            int part = 0;
            while (part < parts && ownerOfPart[part] != owners[i]) {
                part++;
            }
            if (part == parts) {
                ownerOfPart[parts++] = owners[i];
            }
            partOfKey[i] = part;
        }
        return Arrays.copyOf(ownerOfPart, parts);
    }

    private void fail(ReplySink sink, ErrorKind kind, String detail) {
        ByteBuf error = protocol.error(kind, detail);
        sink.onReply(error, 0, error.readableBytes(), true);
    }
}
