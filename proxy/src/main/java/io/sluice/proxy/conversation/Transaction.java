package io.sluice.proxy.conversation;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.SessionStep;
import io.sluice.proxy.dispatch.SoleOwners;
import io.sluice.proxy.dispatch.SoleOwners.Place;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.transport.OutBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a transaction that has not ended, all for one server. They are kept here until it does: a server
 * hears of a transaction only when all of it is there. Event-loop only.
 */
final class Transaction {

    /** How many requests it may have. Their bytes count as held for the client. */
    static final int MOST_REQUESTS = 10_000;

    private final Conversations shared;
    private final Client client;
    private final @Nullable Place watched; // where keys are that must stay as they are
    private final ByteBuf requests;
    private int count;
    private int held;
    private boolean aborted;
    private boolean keyed; // a request has a key
    private @Nullable Place place; // of all keys so far
    private Object version; // of the pool, as of which the place is right

    Transaction(Conversations shared, Client client, @Nullable Place watched) {
        this.shared = shared;
        this.client = client;
        this.watched = watched;
        this.requests = shared.allocator().heapBuffer(0);
        this.version = shared.owners().version();
    }

    /** Checks a request and keeps it. What is wrong with it makes the whole transaction fail at its end. */
    void add(Command command, Request request, ReplySink slot) {
        if (isRefused(command)) {
            client.fail(slot, ErrorKind.REFUSED, refusal(command));
        } else if (count == MOST_REQUESTS) {
            client.fail(slot, ErrorKind.OVERLOADED, "a transaction of more than " + MOST_REQUESTS + " requests");
        } else if (isPlaced(command, request, slot)) {
            keep(command, request, slot);
            return;
        }
        aborted = true;
    }

    private static boolean isRefused(Command command) {
        return switch (command.handling()) {
            case FORWARD -> false;
            case REFUSED -> true;
            case LOCAL -> !mayBeAnywhere(command);
            case SESSION ->
                switch (command.step()) {
                    case SCRIPT, SCRIPT_BY_DIGEST, WAIT, UNWATCH, PUBLISH -> false;
                    default -> true;
                };
        };
    }

    private static String refusal(Command command) {
        String why = command.refusal();
        return "'" + command.name() + "' is not served by this proxy"
                + (why == null ? " in a transaction: a server would answer it, not the proxy" : ": " + why);
    }

    private static boolean mayBeAnywhere(Command command) {
        return switch (command.step()) {
            case ON_ANY_SERVER, UNWATCH -> true;
            default -> false;
        };
    }

    /** Whether its keys are with all others; if not, that has been told. */
    private boolean isPlaced(Command command, Request request, ReplySink slot) {
        if (mayBeAnywhere(command)) {
            return true;
        }
        if (command.step() == SessionStep.PUBLISH && !client.mayUseChannels(command, request, slot)) {
            return false;
        }
        Place next = shared.owners().find(command, request, slot);
        if (next == null) {
            return false;
        }
        Place others = place == null ? watched : place;
        if (others != null && !shared.owners().areTogether(next, others)) {
            client.fail(slot, ErrorKind.CROSS_SERVER, SoleOwners.apart(command));
            return false;
        }
        place = next;
        keyed = true;
        return true;
    }

    private void keep(Command command, Request request, ReplySink slot) {
        ByteBuf withScript = withScript(command, request);
        int bytes = withScript == null ? request.length() : withScript.readableBytes();
        if (!client.hold(bytes)) {
            aborted = true;
            client.fail(slot, ErrorKind.OVERLOADED, "too much is held for this client (limits.client_held_bytes)");
            return;
        }
        held += bytes;
        count++;
        if (withScript == null) {
            requests.writeBytes(request.buffer(), request.start(), request.length());
        } else {
            requests.writeBytes(withScript);
        }
        ByteBuf queued = shared.words().queued();
        slot.onReply(queued, 0, queued.readableBytes(), true);
    }

    /** A server that does not know a script would say so in the middle of the transaction, when it is too late. */
    private @Nullable ByteBuf withScript(Command command, Request request) {
        return switch (command.step()) {
            case SCRIPT -> {
                shared.words().rememberScript(request, 1);
                yield null;
            }
            case SCRIPT_BY_DIGEST -> shared.words().withScript(request);
            default -> null;
        };
    }

    void abort() {
        aborted = true;
    }

    boolean isAborted() {
        return aborted;
    }

    int count() {
        return count;
    }

    /** Where it is to be carried out: null if no request has a key, or if keys that were together are so no more. */
    @Nullable Place place() {
        if (place != null && version != shared.owners().version()) {
            version = shared.owners().version();
            place = placeNow(place.key());
        }
        return place;
    }

    private @Nullable Place placeNow(byte[] key) {
        Place now = shared.owners().placeOf(key);
        boolean[] together = {now != null};
        shared.readAgain(requests, (command, request) -> {
            Place one = mayBeAnywhere(command) ? now : shared.owners().find(command, request, Ignored.REPLY);
            together[0] &= now != null && one != null && one.isWith(now);
        });
        return together[0] ? now : null;
    }

    /** Whether a request has a key, so that there must be a {@link #place}. */
    boolean hasKeys() {
        return keyed;
    }

    /** Appends all of it, with begin and end. */
    void appendTo(OutBuffer out) {
        out.append(shared.words().begin());
        out.append(requests, requests.readerIndex(), requests.readableBytes());
        out.append(shared.words().commit());
    }

    /** Forgets the requests. */
    void close() {
        if (requests.refCnt() > 0) {
            requests.release();
            client.release(held);
            held = 0;
        }
    }
}
