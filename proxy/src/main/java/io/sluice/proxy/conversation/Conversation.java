package io.sluice.proxy.conversation;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.SessionStep;
import io.sluice.proxy.dispatch.SoleOwners;
import io.sluice.proxy.dispatch.SoleOwners.Place;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.SessionMistake;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one client has begun and not ended. A client has none until it sends the first request that begins something.
 * Event-loop only.
 *
 * <pre>
 *             requests with keys          on which connection
 *   WATCH     of one server               its own, until the transaction ends
 *   MULTI …   kept here                   none
 *   EXEC      of one server               its own if it watches, else the one that all clients share
 *   BLPOP     of one server               its own, until the reply
 *   SUBSCRIBE of any server               one for each server, for all clients of the event loop
 * </pre>
 *
 * What goes over a connection of its own begins when the client is owed nothing else, and holds up what follows until
 * it is answered: so requests never overtake one another.
 */
public final class Conversation {

    private final Conversations shared;
    private final Client client;
    private @Nullable Transaction transaction;
    private @Nullable Watch watch;
    private @Nullable BlockedRequest blocked;
    private @Nullable Subscriptions subscriptions;
    private int holdUps; // what must be answered before the next request is looked at
    private boolean waitsForQuiet;

    Conversation(Conversations shared, Client client) {
        this.shared = shared;
        this.client = client;
    }

    // ---- for the session

    /** Whether a request is the conversation's, though it begins nothing itself. */
    public boolean takes(Command command) {
        return (transaction != null || isSubscribed()) && command.step() != SessionStep.AT_ONCE;
    }

    /** Whether the next request must wait; {@code repliesOwed} to the client now. */
    public boolean holdsUp(int repliesOwed) {
        if (waitsForQuiet && repliesOwed == 0) {
            waitsForQuiet = false;
        }
        return waitsForQuiet || holdUps > 0;
    }

    /** Whether it has asked for messages, and so may be silent for ever. */
    public boolean isSubscribed() {
        return subscriptions != null && !subscriptions.isEmpty();
    }

    /** Whether nothing is begun, so that another process could go on with the client. */
    public boolean isOver() {
        return transaction == null && watch == null && blocked == null && holdUps == 0 && !isSubscribed();
    }

    /** A request got an error before it was carried out: a transaction that it would be part of fails. */
    public void onRefused() {
        if (transaction != null) {
            transaction.abort();
        }
    }

    /** The client sends no more, and may be gone. */
    public void onInputClosed() {
        cutWait(BlockedRequest.Cut.CLIENT_GONE);
    }

    /** The client is to get what it is owed, and then to go. */
    public void drain() {
        cutWait(BlockedRequest.Cut.DRAINED);
    }

    /** The client is gone. */
    public void close() {
        cutWait(BlockedRequest.Cut.CLIENT_GONE);
        if (transaction != null) {
            transaction.close();
            transaction = null;
        }
        endWatch();
        if (subscriptions != null) {
            subscriptions.close();
        }
    }

    private void cutWait(BlockedRequest.Cut cut) {
        if (blocked != null) {
            blocked.cut(cut);
        }
    }

    /**
     * Carries a request out, or keeps it.
     *
     * @return false if it must wait, and is offered again; then nothing was done
     */
    public boolean carryOut(Command command, Request request, ReplySink slot) {
        if (isSubscribed()) {
            return carryOutSubscribed(command, request, slot);
        }
        return switch (command.step()) {
            case BEGIN -> begin(slot);
            case COMMIT -> commit(request, slot);
            case DISCARD -> discard(slot);
            case WATCH -> watch(command, request, slot);
            default -> {
                if (transaction != null) {
                    transaction.add(command, request, slot);
                    yield true;
                }
                yield carryOutAlone(command, request, slot);
            }
        };
    }

    private boolean carryOutAlone(Command command, Request request, ReplySink slot) {
        return switch (command.step()) {
            case UNWATCH -> {
                endWatch();
                yield answer(slot, shared.words().done());
            }
            case SCRIPT -> {
                shared.words().rememberScript(request, 1);
                yield client.forward(command, request, slot);
            }
            case SCRIPT_BY_DIGEST -> runByDigest(command, request, slot);
            case LOAD_SCRIPT -> loadScript(request, slot);
            case FORGET_SCRIPTS -> forgetScripts(request, slot);
            case WAIT -> await(command, request, slot);
            case SUBSCRIBE, UNSUBSCRIBE -> changeSubscriptions(command, request, slot);
            case PUBLISH -> publish(command, request, slot);
            default -> throw new IllegalStateException("Nothing is begun that '" + command.name() + "' belongs to");
        };
    }

    private static boolean answer(ReplySink slot, ByteBuf reply) {
        slot.onReply(reply, 0, reply.readableBytes(), true);
        return true;
    }

    private boolean mistake(ReplySink slot, SessionMistake mistake) {
        return answer(slot, shared.words().mistake(mistake));
    }

    // ---- holding up

    /** Whether the request at hand has to wait until its client is owed nothing else. */
    private boolean mustBeQuiet() {
        if (client.isQuiet()) {
            return false;
        }
        waitsForQuiet = true;
        client.holdUp();
        return true;
    }

    void beginHoldUp() {
        holdUps++;
        client.holdUp();
    }

    /** Before the last piece of the reply that was waited for. */
    void endHoldUp() {
        holdUps--;
    }

    private ReplySink heldUpUntilAnswered(ReplySink slot) {
        beginHoldUp();
        return new Ending(slot, this::endHoldUp);
    }

    // ---- transactions

    private boolean begin(ReplySink slot) {
        if (transaction != null) {
            return mistake(slot, SessionMistake.NESTED);
        }
        transaction = new Transaction(shared, client, watch == null ? null : watch.place());
        return answer(slot, shared.words().done());
    }

    private boolean discard(ReplySink slot) {
        if (transaction == null) {
            return mistake(slot, SessionMistake.DISCARD_WITHOUT_BEGIN);
        }
        endTransaction();
        endWatch();
        return answer(slot, shared.words().done());
    }

    private void endTransaction() {
        Transaction ended = transaction;
        transaction = null;
        if (ended != null) {
            ended.close();
        }
    }

    private boolean commit(Request request, ReplySink slot) {
        Transaction ready = transaction;
        if (ready == null) {
            return mistake(slot, SessionMistake.COMMIT_WITHOUT_BEGIN);
        }
        if (ready.isAborted()) {
            endTransaction();
            endWatch();
            return mistake(slot, SessionMistake.ABORTED);
        }
        if (watch != null) {
            return commitWatching(ready, watch, slot);
        }
        if (ready.count() == 0) {
            endTransaction();
            return answer(slot, shared.words().nothingCommitted());
        }
        return commitShared(ready, request, slot);
    }

    /** All of it in a row on the connection that this client's other requests use. */
    private boolean commitShared(Transaction ready, Request request, ReplySink slot) {
        Place place = ready.place();
        Backend server = place != null
                ? place.server()
                : ready.hasKeys() ? null : shared.owners().any();
        if (server == null) {
            endTransaction();
            client.fail(slot, ErrorKind.NO_SERVER, "no one server has all keys of the transaction any more");
            return true;
        }
        int others = ready.count() + 1;
        Room full = place == null
                ? shared.owners().send(server, client.id(), ready::appendTo, Ignored.REPLY, others, slot)
                : shared.owners().send(place, request, client.id(), ready::appendTo, Ignored.REPLY, others, slot);
        if (full != null) {
            client.await(full);
            return false;
        }
        shared.count(PoolMetric.TRANSACTIONS);
        endTransaction();
        return true;
    }

    private boolean commitWatching(Transaction ready, Watch held, ReplySink slot) {
        if (mustBeQuiet()) { // what it wrote before counts as a change of what it watches
            return false;
        }
        watch = null;
        Place place = ready.place();
        boolean together = place == null ? !ready.hasKeys() : place.isWith(held.place());
        if (together && held.isUnbroken() && shared.owners().isOpen(held.place())) {
            shared.count(PoolMetric.TRANSACTIONS);
            held.commit(ready, heldUpUntilAnswered(shared.owners().checked(held.place(), slot)));
        } else {
            held.end();
            answer(slot, shared.words().notCommitted());
        }
        endTransaction();
        return true;
    }

    private boolean watch(Command command, Request request, ReplySink slot) {
        if (transaction != null) {
            return mistake(slot, SessionMistake.WATCH_WITHIN);
        }
        if (mustBeQuiet()) {
            return false;
        }
        Place place = shared.owners().find(command, request, slot);
        if (place == null) {
            return true;
        }
        if (!shared.owners().isOpen(place)) {
            return isTaken(shared.owners().park(place, request, client.id(), slot));
        }
        shared.owners().passed(client.id());
        Watch held = watch == null ? Watch.begin(shared, place) : watch;
        if (held == null) {
            failForWantOfConnection(place, slot);
        } else if (!shared.owners().areTogether(place, held.place())) {
            client.fail(slot, ErrorKind.CROSS_SERVER, SoleOwners.apart(command));
        } else if (!place.isWith(held.place())) { // moved together: what it watched before has broken the watch
            answer(slot, shared.words().done());
        } else {
            watch = held;
            held.add(request, heldUpUntilAnswered(slot));
        }
        return true;
    }

    private boolean isTaken(@Nullable Room full) {
        if (full != null) {
            client.await(full);
        }
        return full == null;
    }

    void failForWantOfConnection(Place place, ReplySink slot) {
        client.fail(
                slot,
                ErrorKind.OVERLOADED,
                "no connection for this client alone is left, server="
                        + place.server().name());
    }

    private void endWatch() {
        Watch ended = watch;
        watch = null;
        if (ended != null) {
            ended.end();
        }
    }

    // ---- scripts

    private boolean runByDigest(Command command, Request request, ReplySink slot) {
        String script = shared.words().knownScript(request);
        Place place = script == null ? null : shared.owners().placeOfFirstKey(command, request);
        if (script == null || place == null || !client.hold(request.length())) {
            return client.forward(command, request, slot);
        }
        ScriptCall call = new ScriptCall(shared, this, client, slot, request);
        boolean sent = shared.scripts().learns(place.server(), script)
                ? call.sendWithText(command, request)
                : client.forward(command, request, call);
        if (!sent) {
            call.takeBack();
        }
        return sent;
    }

    /** One server compiles it, and says what is wrong with it; the others get it when they are asked to run it. */
    private boolean loadScript(Request request, ReplySink slot) {
        Backend server = shared.owners().any();
        if (server == null) {
            client.fail(slot, ErrorKind.NO_SERVER, "the pool has no server");
            return true;
        }
        shared.words().rememberScript(request, 2);
        return isTaken(shared.owners().send(server, client.id(), request::appendTo, Ignored.REPLY, 0, slot));
    }

    private boolean forgetScripts(Request request, ReplySink slot) {
        List<Backend> servers = shared.owners().all();
        if (servers.isEmpty()) {
            return answer(slot, shared.words().done());
        }
        shared.words().forgetScripts();
        shared.scripts().forgetAll();
        Everywhere all = new Everywhere(shared.protocol(), slot, servers.size());
        for (Backend server : servers) {
            if (shared.owners().send(server, client.id(), request::appendTo, Ignored.REPLY, 0, all) != null) {
                ByteBuf error = shared.protocol().error(ErrorKind.OVERLOADED, "server=" + server.name());
                all.onReply(error, 0, error.readableBytes(), true);
            }
        }
        return true;
    }

    // ---- messages

    /** Others might find a message where they expect their reply. */
    private boolean carryOutSubscribed(Command command, Request request, ReplySink slot) {
        return switch (command.step()) {
            case SUBSCRIBE, UNSUBSCRIBE -> changeSubscriptions(command, request, slot);
            default -> answer(slot, shared.protocol().pubSubWords().replyToSubscriber(request));
        };
    }

    private boolean changeSubscriptions(Command command, Request request, ReplySink slot) {
        if (mustBeQuiet()) {
            return false;
        }
        if (subscriptions == null) {
            subscriptions = new Subscriptions(shared, this, client);
        }
        if (command.step() == SessionStep.UNSUBSCRIBE) {
            subscriptions.unsubscribe(command, request, slot);
        } else if (client.mayUseChannels(command, request, slot)) {
            subscriptions.subscribe(command, request, slot);
        }
        return true;
    }

    private boolean publish(Command command, Request request, ReplySink slot) {
        Place place =
                client.mayUseChannels(command, request, slot) ? shared.owners().find(command, request, slot) : null;
        Room full = place == null
                ? null
                : shared.owners().send(place, request, client.id(), request::appendTo, Ignored.REPLY, 0, slot);
        return isTaken(full);
    }

    // ---- waits

    private boolean await(Command command, Request request, ReplySink slot) {
        long millis = shared.words().waitMillis(request);
        if (millis < 0) {
            return client.forward(command, request, slot);
        }
        if (mustBeQuiet()) {
            return false;
        }
        Place place = shared.queues().find(command, request, slot);
        if (place == null) {
            return true;
        }
        if (!shared.owners().isOpen(place) && !shared.owners().isFrozen(place)) {
            return isTaken(shared.owners().park(place, request, client.id(), slot));
        }
        shared.owners().passed(client.id());
        if (!client.hold(request.length())) {
            client.fail(slot, ErrorKind.OVERLOADED, "too much is held for this client (limits.client_held_bytes)");
            return true;
        }
        BlockedRequest begun = new BlockedRequest(shared, this, client, slot, request, place, millis);
        blocked = begun;
        beginHoldUp();
        begun.start();
        return true;
    }

    void onWaitOver() {
        blocked = null;
        endHoldUp();
    }
}
