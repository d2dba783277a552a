package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.backend.BackendConnection;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.SessionStep;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.transport.OutBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the one server at which something that takes more than one request can take place, and sends to it. Of one pool
 * on one event loop. Event-loop only.
 */
public final class SoleOwners {

    /**
     * Where all keys of something are.
     *
     * @param slot -1 in a pool without slots, where it only matters that the server is the same
     * @param key one of them
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Place(Backend server, int slot, byte[] key) {

        /** Whether keys at both places are together now and, in a pool with slots, will always be. */
        @SuppressWarnings("ReferenceEquality") // a server of a pool is one object
        public boolean isWith(Place other) {
            return server == other.server && slot == other.slot;
        }
    }

    private static final int USUAL_ARGUMENTS = 64;
    private static final int KEPT_ARGUMENTS = 4096;

    /** So many keys are tried to find a server that has not been left out. */
    private static final int MOST_SAMPLES = 256;

    private final RequestDispatcher dispatcher;
    private final Protocol protocol;
    private final PoolCounters counters;
    private int[] keyArguments = new int[USUAL_ARGUMENTS];

    public SoleOwners(RequestDispatcher dispatcher, Protocol protocol, PoolCounters counters) {
        this.dispatcher = dispatcher;
        this.protocol = protocol;
        this.counters = counters;
    }

    /** Where all keys of a request are; null after an error, also for one without keys, has gone to {@code sink}. */
    public @Nullable Place find(Command command, Request request, ReplySink sink) {
        int keys = locate(command, request);
        if (keys <= 0) {
            counters.error(ErrorKind.MALFORMED);
            answer(sink, protocol.withoutKeys(request, keys));
            return null;
        }
        Place first = null;
        for (int i = 0; i < keys; i++) {
            Place next = place(request, keyArguments[i], sink);
            if (next == null) {
                return null;
            }
            if (first != null && !next.isWith(first)) {
                fail(sink, ErrorKind.CROSS_SERVER, apart(command));
                return null;
            }
            first = next;
        }
        return first;
    }

    /** Where the first key of a request is, if it has one that is anywhere. */
    public @Nullable Place placeOfFirstKey(Command command, Request request) {
        int keys = locate(command, request);
        if (keys <= 0 || request.length(keyArguments[0]) > RequestDispatcher.MAX_KEY_BYTES) {
            return null;
        }
        byte[] key = new byte[request.length(keyArguments[0])];
        request.copy(keyArguments[0], key);
        return placeOf(key);
    }

    /** What to say of a request whose keys are not with others that they should be with. */
    public static String apart(Command command) {
        return "'" + command.name()
                + "' must find all keys of its transaction or wait together; a hash_tag keeps them so";
    }

    private int locate(Command command, Request request) {
        if (keyArguments.length < request.count() || keyArguments.length > KEPT_ARGUMENTS) {
            keyArguments = new int[Math.max(request.count(), USUAL_ARGUMENTS)];
        }
        if (command.step() == SessionStep.PUBLISH) { // a channel is found as a key would be
            keyArguments[0] = 1;
            return 1;
        }
        return command.keys().locate(request, keyArguments);
    }

    private @Nullable Place place(Request request, int argument, ReplySink sink) {
        if (request.length(argument) > RequestDispatcher.MAX_KEY_BYTES) {
            fail(sink, ErrorKind.MALFORMED, "a key is longer than " + RequestDispatcher.MAX_KEY_BYTES + " bytes");
            return null;
        }
        byte[] key = new byte[request.length(argument)];
        request.copy(argument, key);
        Place found = placeOf(key);
        if (found == null) {
            fail(sink, ErrorKind.NO_SERVER, "no server in use for this key");
        }
        return found;
    }

    /** Where a key is; null if its server is left out. A spare pool's servers are no place for such things. */
    public @Nullable Place placeOf(byte[] key) {
        PoolSnapshot pool = dispatcher.snapshot();
        Owners owners = pool.owners();
        int owner = owners.of(key, key.length);
        return owner < 0 ? null : new Place(pool.server(owner), owners.slot(key), key);
    }

    /** Any server that is in use; null if there is none. */
    public @Nullable Backend any() {
        for (int i = 0; i < MOST_SAMPLES; i++) {
            Place found = placeOf(Integer.toString(i).getBytes(StandardCharsets.US_ASCII));
            if (found != null) {
                return found.server();
            }
        }
        return null;
    }

    /** All servers of the pool, those that are left out as well. */
    public List<Backend> all() {
        PoolSnapshot pool = dispatcher.snapshot();
        List<Backend> servers = new ArrayList<>();
        for (int i = 0; i < pool.size(); i++) {
            servers.add(pool.server(i));
        }
        return servers;
    }

    /** Another object once keys may be elsewhere. */
    public Object version() {
        return dispatcher.snapshot().owners();
    }

    /**
     * Sends requests on the connection that this client's others use, one behind the other and all or none of them.
     *
     * @param requests appends them
     * @param others how many of the replies go to {@code each}, before the one that goes to {@code last}
     * @return as {@link RequestDispatcher#dispatch}
     */
    public @Nullable Room send(
            Backend server, long client, Consumer<OutBuffer> requests, ReplySink each, int others, ReplySink last) {
        BackendConnection connection = server.connection(client);
        if (connection.mustWait()) {
            return connection.budget();
        }
        ErrorKind refusal = connection.refusal();
        if (refusal != null) {
            connection.refused(refusal);
            answer(last, protocol.error(refusal, connection.describe(refusal)));
            return null;
        }
        try {
            requests.accept(connection.out());
        } catch (RuntimeException | Error e) {
            connection.abandonUnfinished(e);
            throw e;
        }
        connection.sentTogether(each, others, last);
        return null;
    }

    private void fail(ReplySink sink, ErrorKind kind, String detail) {
        counters.error(kind);
        answer(sink, protocol.error(kind, detail));
    }

    private static void answer(ReplySink sink, ByteBuf error) {
        sink.onReply(error, 0, error.readableBytes(), true);
    }
}
