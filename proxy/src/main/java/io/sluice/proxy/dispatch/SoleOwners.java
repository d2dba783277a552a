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
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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

    /** How long something may wait for its slot before its client gets an error. */
    public static final Duration LONGEST_PARKING = Parking.TIMEOUT;

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
        if (isRefusedOnTheWay(command, request, sink)) {
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

    /** What takes more than one request cannot be done with a queue that is at two servers. Channels are no queues. */
    private boolean isRefusedOnTheWay(Command command, Request request, ReplySink sink) {
        if (command.step() == SessionStep.PUBLISH
                || !(dispatcher.snapshot().passage() instanceof QueuePassage queues)) {
            return false;
        }
        QueueWay way = queues.way(command, request);
        if (way != null) {
            queues.refuse(command, way, "cannot be watched or be part of a transaction", sink);
        }
        return way != null;
    }

    /** Where the first key of a request is, if it has one that is anywhere. */
    public @Nullable Place placeOfFirstKey(Command command, Request request) {
        byte[] key = firstKey(command, request);
        return key == null ? null : placeOf(key);
    }

    byte @Nullable [] firstKey(Command command, Request request) {
        int keys = locate(command, request);
        if (keys <= 0 || request.length(keyArguments[0]) > RequestDispatcher.MAX_KEY_BYTES) {
            return null;
        }
        byte[] key = new byte[request.length(keyArguments[0])];
        request.copy(keyArguments[0], key);
        return key;
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

    /** Whether the key of one place is now where another is, though it may have been elsewhere before. */
    public boolean areTogether(Place now, Place before) {
        Place moved = now.isWith(before) ? before : placeOf(before.key());
        return moved != null && now.isWith(moved);
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

    // ---- slots that are on their way

    /**
     * The same to the server at a place, once requests there may be sent.
     *
     * @param atHand the client's request, which waits if it must
     */
    public @Nullable Room send(
            Place place,
            Request atHand,
            long client,
            Consumer<OutBuffer> requests,
            ReplySink each,
            int others,
            ReplySink last) {
        Room busy = unfinished(atHand, client);
        if (busy != null) {
            return busy;
        }
        if (!isOpen(place)) {
            return park(place, atHand, client, last);
        }
        passed(client);
        return send(place.server(), client, requests, each, others, checked(place, last));
    }

    /**
     * A transaction must not overtake a pop of its client that began while queues were on their way: it would take, or add,
     * what the second half of that one finds. What waits at a server, or watches, begins when its client is owed nothing.
     */
    private @Nullable Room unfinished(Request atHand, long client) {
        return dispatcher.snapshot().passage() instanceof SettlingPassage settling
                ? settling.busy(atHand, client)
                : null;
    }

    private Handoff[] handoffs(Place place) {
        PoolHandoffs handoffs = dispatcher.snapshot().handoffs();
        return handoffs == null ? PoolHandoffs.NONE : handoffs.of(place.slot());
    }

    private HandoffGate gate() {
        HandoffGate gate = dispatcher.gate();
        if (gate == null) {
            throw new IllegalStateException("Slots are on their way in a pool without a gate");
        }
        return gate;
    }

    /** Whether requests at a place may be sent now. */
    public boolean isOpen(Place place) {
        Handoff[] concerned = handoffs(place);
        return concerned.length == 0 || gate().isOpen(concerned);
    }

    /** Whether its slot is frozen. */
    public boolean isFrozen(Place place) {
        return frozen(place) != null;
    }

    private @Nullable Handoff frozen(Place place) {
        for (Handoff handoff : handoffs(place)) {
            if (handoff.state() == HandoffState.FREEZE) {
                return handoff;
            }
        }
        return null;
    }

    public boolean isAnythingFrozen() {
        PoolHandoffs handoffs = dispatcher.snapshot().handoffs();
        return handoffs != null && handoffs.isAnythingFrozen();
    }

    /** Which slots are on their way: another object once that may have changed; null while none is. */
    public @Nullable Object handoffs() {
        return dispatcher.snapshot().handoffs();
    }

    /** Where a place that is frozen will be, unless that is called off; null for one that is not. */
    public @Nullable Backend successor(Place place) {
        Handoff frozen = frozen(place);
        return frozen == null
                ? null
                : all().stream()
                        .filter(server -> server.name().equals(frozen.to()))
                        .findFirst()
                        .orElse(null);
    }

    /** Where the client waits with its request for a place that is not open; null after an error has gone to {@code sink}. */
    public @Nullable Room park(Place place, Request atHand, long client, ReplySink sink) {
        return gate().park(handoffs(place), atHand, client, sink);
    }

    /** The client's request goes on its way. */
    public void passed(long client) {
        if (dispatcher.snapshot().handoffs() != null) {
            gate().passed(client);
        }
    }

    /** What checks the reply to something that is sent now and may write, for {@code sink}. */
    public ReplySink checked(Place place, ReplySink sink) {
        Handoff[] concerned = handoffs(place);
        return concerned.length == 0 ? sink : gate().check(concerned, false, sink);
    }

    /** Another number once it has not been known for a while which slots are on their way. To be asked now and then. */
    public long gaps() {
        HandoffGate gate = dispatcher.gate();
        return gate == null ? 0 : gate.gaps();
    }

    /** What checks the reply that has just come to a request that has waited since there were {@code gapsThen}. */
    public ReplySink checkedLate(Place place, long gapsThen, ReplySink sink) {
        Handoff[] concerned = handoffs(place);
        return concerned.length == 0 ? sink : gate().checkLate(concerned, gapsThen, sink);
    }

    private void fail(ReplySink sink, ErrorKind kind, String detail) {
        counters.error(kind);
        answer(sink, protocol.error(kind, detail));
    }

    private static void answer(ReplySink sink, ByteBuf error) {
        sink.onReply(error, 0, error.readableBytes(), true);
    }
}
