package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.budget.BackendBudget.Waiter;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.RequestDecoder;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request for elements of a queue that is on its way: to the server it leaves, and to the one it goes to if the first
 * has nothing. What the client sends behind it for such queues waits, since it would otherwise be carried out before the
 * second half of this. Event-loop only.
 *
 * <pre>
 *   sent to old ─┬─ an element, or an error ─────────────▶ client
 *                └─ nothing ──▶ sent to new ── any reply ─▶ client
 * </pre>
 */
final class QueuePop implements ReplySink, Room, Waiter {

    private static final Logger log = LoggerFactory.getLogger(QueuePop.class);

    private final QueuePassage passage; // under which it was begun
    private final QueuePops pops;
    private final Protocol protocol;
    private final RequestDispatcher dispatcher;
    private final long client;
    private final ReplySink sink;
    private final byte[] request;
    private @Nullable Waiter waiter; // the client, with its next request
    private boolean atOld = true;
    private boolean started; // a piece of the reply has been passed on
    private boolean over;

    /** The caller has had the bytes of the request counted by {@code sink}. */
    QueuePop(
            QueuePassage passage,
            QueuePops pops,
            Protocol protocol,
            RequestDispatcher dispatcher,
            Request request,
            long client,
            ReplySink sink) {
        this.passage = passage;
        this.pops = pops;
        this.protocol = protocol;
        this.dispatcher = dispatcher;
        this.client = client;
        this.sink = sink;
        this.request = new byte[request.length()];
        request.buffer().getBytes(request.start(), this.request);
    }

    /** Sends it; what is returned is as of {@link RequestDispatcher#dispatch}. */
    @Nullable Room begin(PoolSnapshot pool, Command command, Request atHand, int from) {
        pops.enter(client, this);
        boolean sent = false;
        try {
            Room full = dispatcher.forward(pool, command, atHand, from, client, this);
            sent = full == null;
            return full;
        } finally {
            if (!sent && !over) { // it is offered again, or has failed
                pops.leave(client, this);
                sink.dropped(request.length);
            }
        }
    }

    // ---- the reply

    @Override
    public void onReply(ByteBuf source, int offset, int length, boolean last) {
        if (atOld && !started && last && protocol.sessionWords().isNothing(source, offset)) {
            atOld = false;
            readAgain(passage::onNothing);
            goOnOrFail();
            return;
        }
        started = true;
        if (last) {
            end();
        }
        sink.onReply(source, offset, length, last);
        if (last) {
            wake();
        }
    }

    @Override
    public void onLastReply(ByteBuf error) {
        end();
        sink.onLastReply(error);
        wake();
    }

    @Override
    public void onBroken(String detail) {
        end();
        sink.onBroken(detail);
        wake();
    }

    @Override
    public boolean keep(int bytes) {
        return sink.keep(bytes);
    }

    @Override
    public void dropped(int bytes) {
        sink.dropped(bytes);
    }

    private void end() {
        if (!over) {
            over = true;
            pops.leave(client, this);
            sink.dropped(request.length);
        }
    }

    // ---- the second server

    /** Whatever goes wrong, as when memory runs out, the client does not wait for it. */
    private void goOnOrFail() {
        try {
            if (sink.keep(0)) {
                goOn();
            } else { // the client is gone: an element would be lost
                onBroken("nobody waits for an element any more, and none was taken");
            }
        } catch (Throwable e) {
            log.error("A request for elements of a queue that is on its way failed", e);
            if (!over) {
                onBroken("a request for elements of a queue that changes its server failed");
            }
        }
    }

    /** To the server that has the rest of the queue by now. */
    private void goOn() {
        readAgain((command, again) -> {
            pops.leave(client, this); // it need not wait for itself
            Room full = passage.sendOn(dispatcher, command, again, client, this);
            if (!over) {
                pops.enter(client, this);
            }
            if (full != null) {
                full.await(this);
            }
        });
    }

    @Override
    public void onRoom() {
        if (!over) {
            goOnOrFail();
        }
    }

    private void readAgain(BiConsumer<Command, Request> reader) {
        RequestDecoder decoder = protocol.newRequestDecoder();
        try {
            Command command = decoder.decode(Unpooled.wrappedBuffer(request))
                    ? decoder.request().command()
                    : null;
            if (command == null) {
                throw new IllegalStateException("A request that was sent cannot be read");
            }
            reader.accept(command, decoder.request());
        } catch (ProtocolException e) {
            throw new IllegalStateException("A request that was sent cannot be read", e);
        } finally {
            decoder.reset();
        }
    }

    // ---- the client's next request

    @Override
    public void await(Waiter next) {
        waiter = next;
    }

    @Override
    public void forget(Waiter former) {
        waiter = null;
    }

    private void wake() {
        Waiter woken = waiter;
        waiter = null;
        if (woken != null) {
            woken.onRoom();
        }
    }
}
