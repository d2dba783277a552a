package io.sluice.proxy.conversation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.backend.PrivateConnection;
import io.sluice.proxy.dispatch.SoleOwners;
import io.sluice.proxy.dispatch.SoleOwners.Place;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request that waits at a server for data, on a connection of its own. That is never closed while the server may be
 * about to give an element away: the server is asked to reply, and the reply awaited. Event-loop only.
 *
 * <pre>
 *   start ──▶ waits ──▶ reply ──▶ client
 *     ↑         │ cut: the server is asked to reply now
 *     │         ├──▶ something came after all ──▶ client, if it is still there
 *     │         └──▶ nothing ─┬─ parked: waits here until keys have an owner again, for the rest of its time
 *     └───────────────────────┘─ else over
 * </pre>
 *
 * Of a queue that is on its way to another server, the one it leaves is asked once before it waits at the other.
 */
final class BlockedRequest implements ReplySink {

    /** Why the server is asked to reply. */
    enum Cut {
        NONE,
        /** The keys are about to move. */
        PARKED,
        CLIENT_GONE,
        /** The client has to go. */
        DRAINED
    }

    /** How soon it is tried again where it is not known just now who has the keys. */
    private static final Duration TRY_AGAIN = Duration.ofMillis(10);

    /** How long one timer runs; clients may wait for days. */
    private static final Duration LONGEST_TIMER = Duration.ofSeconds(10);

    private final Conversations shared;
    private final Conversation conversation;
    private final Client client;
    private final ReplySink slot;
    private final KeptRequest request;
    private final WaitLimit limit;
    private final LookBack lookBack;
    private Place place;
    private @Nullable PrivateConnection connection; // null while it is parked
    private Cut cut = Cut.NONE;
    private @Nullable ReplySink relay; // of the reply that is coming, once it is checked
    private long gapsThen; // when it was sent
    private int parkings; // and the ends of them
    private boolean returning; // after it was parked
    private boolean written; // to the connection
    private boolean atOnce; // hence with all of its time left
    private boolean started; // a piece of the reply has been passed on
    private boolean over;

    /** The caller has had the bytes of the request counted. */
    BlockedRequest(
            Conversations shared,
            Conversation conversation,
            Client client,
            ReplySink slot,
            Request request,
            Place place,
            long millis) {
        this.shared = shared;
        this.conversation = conversation;
        this.client = client;
        this.slot = slot;
        this.request = new KeptRequest(shared, request);
        this.place = place;
        this.limit = WaitLimit.of(millis, shared.now());
        this.lookBack = new LookBack(shared, client, this.request);
    }

    /** Begins to wait, unless its keys are on their way. */
    void start() {
        shared.count(PoolMetric.WAITS_BEGUN);
        shared.blocked().add(this);
        if (shared.blocked().isParking(place)) {
            onParked();
        } else {
            send();
        }
    }

    private void onParked() {
        returning = true;
        int parking = ++parkings;
        endInTime();
        shared.later(
                () -> {
                    if (!over && isParked() && parkings == parking) {
                        end();
                        client.fail(slot, ErrorKind.MOVING, "its slot is on its way to another shard");
                    }
                },
                SoleOwners.LONGEST_PARKING);
    }

    /** Unless it waits at a server by then. */
    private void endInTime() {
        if (!limit.isForEver()) {
            endInTime(parkings);
        }
    }

    /** A timer keeps this object for as long as it runs, so that none runs for long. */
    private void endInTime(int parking) {
        Duration left = limit.left(shared.now());
        shared.later(() -> endIfNowhere(parking), left.compareTo(LONGEST_TIMER) < 0 ? left : LONGEST_TIMER);
    }

    private void endIfNowhere(int parking) {
        if (over || lookBack.isUnderWay() || parkings != parking) {
            return;
        }
        if (!limit.left(shared.now()).isZero()) {
            endInTime(parking);
            return;
        }
        giveBackUnused();
        end();
        ByteBuf nothing = Unpooled.wrappedBuffer(shared.words().nothing());
        slot.onReply(nothing, 0, nothing.readableBytes(), true);
    }

    private void send() {
        Place former = lookBack.due();
        if (former == null) {
            sendToWait();
        } else {
            lookBack.begin(former, () -> cut.compareTo(Cut.PARKED) <= 0, this, this::onLookedInVain);
        }
    }

    private void onLookedInVain() {
        if (cut.compareTo(Cut.PARKED) > 0) {
            onNothing();
        } else {
            cut = Cut.NONE;
            endInTime(); // which may have come meanwhile
            goOn();
        }
    }

    private void sendToWait() {
        PrivateConnection leased = place.server().lease();
        if (leased == null) {
            end();
            conversation.failForWantOfConnection(place, slot);
            return;
        }
        connection = leased;
        written = false;
        atOnce = false;
        cut = Cut.NONE;
        if (returning) { // its time goes on since it was parked
            standInLine(leased);
        } else if (shared.blocked().isLineAt(place.server())) {
            endInTime();
            standInLine(leased);
        } else if (leased.isReady()) {
            atOnce = !lookBack.hasBegun(); // or time has run while it looked
            write();
        } else {
            awaitConnection(leased);
        }
    }

    /** Whose time goes on meanwhile. */
    private void awaitConnection(PrivateConnection leased) {
        endInTime();
        leased.onLost(() -> onLostUnused(leased));
        leased.whenReady(this::write);
    }

    /** Connections are not made in the order in which they are asked for, but servers serve in the order of requests. */
    private void standInLine(PrivateConnection leased) {
        Backend server = place.server();
        shared.blocked().standInLine(server, this);
        leased.onLost(() -> onLostUnused(leased));
        leased.whenReady(() -> shared.blocked().advance(server));
    }

    private void onLostUnused(PrivateConnection lost) {
        if (!over && !written && connection == lost) {
            connection = null;
            leaveLine();
            end();
            client.fail(slot, ErrorKind.UNREACHABLE, "server=" + place.server().name() + " cause=cannot connect");
        }
    }

    private void leaveLine() {
        shared.blocked().leaveLine(place.server(), this);
    }

    /** Whether its connection is ready for it. */
    boolean mayBeWritten() {
        return connection != null && connection.isReady();
    }

    /** To the connection that it has, which may not be ready yet. */
    void write() {
        PrivateConnection leased = connection;
        if (leased == null) {
            return;
        }
        leased.onLost(() -> {});
        written = true;
        returning = false;
        parkings++;
        gapsThen = shared.owners().gaps();
        long millis = limit.leftMillis(shared.now());
        if (atOnce) {
            request.appendTo(leased.out());
        } else {
            request.appendTo(leased.out(), millis);
        }
        leased.sentWaiting(this, millis);
    }

    Place place() {
        return place;
    }

    boolean isParked() {
        return connection == null && !lookBack.isUnderWay();
    }

    /** Whether a server lets it wait. */
    boolean isWaiting() {
        return connection != null;
    }

    /** Waits again, at the server that has its keys now. */
    void goOn() {
        Place now = request.place(new Ending(slot, this::end));
        if (now != null) {
            place = now;
            if (shared.owners().isOpen(now)) {
                send();
            } else {
                shared.later(this::tryAgain, TRY_AGAIN);
            }
        }
    }

    private void tryAgain() {
        if (!over && isParked() && !shared.blocked().isParking(place)) {
            goOn();
        }
    }

    /** Whether its keys are elsewhere now; also if they are nowhere, or not together. */
    boolean hasMoved() {
        if (shared.queues().version() != null) {
            return !request.mayStay(place);
        }
        Place now = shared.owners().placeOf(place.key());
        return now != null && !now.isWith(place);
    }

    // ---- cutting it short

    void cut(Cut reason) {
        if (over || reason.compareTo(cut) <= 0) {
            return;
        }
        boolean asked = cut != Cut.NONE;
        cut = reason;
        if (lookBack.isUnderWay()) {
            return; // the answer is on its way
        }
        PrivateConnection waiting = connection;
        if (waiting == null) {
            onNothing();
        } else if (!written) {
            shared.count(PoolMetric.WAITS_CUT);
            giveBackUnused();
            onNothing();
        } else if (!asked) {
            shared.count(PoolMetric.WAITS_CUT);
            if (waiting.endWait()) {
                connection = null;
                onNothing();
            }
        }
    }

    /** Nothing came, and it does not wait at a server any more. */
    private void onNothing() {
        switch (cut) {
            case NONE, PARKED -> {
                onParked();
                shared.blocked().onParked(this);
            }
            case CLIENT_GONE -> {
                end();
                client.fail(slot, ErrorKind.UNBLOCKED, "the client has closed");
            }
            case DRAINED -> {
                end();
                client.fail(slot, ErrorKind.UNBLOCKED, "the client is to connect again");
            }
        }
    }

    // ---- the reply

    @Override
    public void onReply(ByteBuf source, int offset, int length, boolean last) {
        boolean nothing = !started && last && shared.words().isNothing(source, offset);
        if (nothing && cut != Cut.NONE) {
            giveBack();
            onNothing();
            return;
        }
        if (!started && !nothing && cut == Cut.CLIENT_GONE && !shared.protocol().isError(source, offset)) {
            shared.count(PoolMetric.WAITS_FOR_NOBODY);
        }
        ReplySink to = relay();
        started = true;
        if (last) {
            lookBack.end();
            giveBack();
            end();
        }
        to.onReply(source, offset, length, last);
    }

    @Override
    public void onBroken(String detail) {
        giveBack();
        end();
        relay().onBroken(detail);
    }

    private ReplySink relay() {
        ReplySink known = relay;
        if (known == null) {
            known = shared.owners().checkedLate(place, gapsThen, slot);
            relay = known;
        }
        return known;
    }

    /** Nothing has been sent over it. */
    private void giveBackUnused() {
        leaveLine();
        PrivateConnection unused = connection;
        connection = null;
        if (unused != null) {
            unused.release();
        }
    }

    private void giveBack() {
        PrivateConnection used = connection;
        connection = null;
        if (used != null) {
            used.release();
        }
    }

    private void end() {
        if (!over) {
            over = true;
            shared.count(PoolMetric.WAITS_ENDED);
            client.release(request.length());
            conversation.onWaitOver();
            shared.blocked().remove(this);
        }
    }
}
