package io.sluice.proxy.conversation;

import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.dispatch.SoleOwners.Place;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.transport.OutBuffer;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** A request that waits for data, kept for as long as it may have to be sent again. Event-loop only. */
final class KeptRequest {

    private final Conversations shared;
    private final byte[] bytes;

    /** Copies the bytes; the caller has had them counted. */
    KeptRequest(Conversations shared, Request request) {
        this.shared = shared;
        this.bytes = new byte[request.length()];
        request.buffer().getBytes(request.start(), bytes);
    }

    int length() {
        return bytes.length;
    }

    // ---- where it may wait

    /** Where it may wait now; null after an error has gone to {@code sink}. */
    @Nullable Place place(ReplySink sink) {
        return found((command, again) -> shared.queues().find(command, again, sink));
    }

    /** The server that its queues leave, where something may still be; null if there is none. */
    @Nullable Place former() {
        return found(shared.queues()::former);
    }

    private @Nullable Place found(BiFunction<Command, Request, @Nullable Place> search) {
        @Nullable Place[] found = {null};
        read((command, again) -> found[0] = search.apply(command, again));
        return found[0];
    }

    /** Whether it may go on waiting there. */
    boolean mayStay(Place place) {
        boolean[] may = {true};
        read((command, again) -> may[0] = shared.queues().mayStay(command, again, place));
        return may[0];
    }

    /** The server that its queues leave has nothing. */
    void onNothing() {
        read(shared.queues()::onNothing);
    }

    private void read(BiConsumer<Command, Request> reader) {
        shared.readAgain(Unpooled.wrappedBuffer(bytes), reader);
    }

    // ---- on its way to a server

    /** As it came. */
    void appendTo(OutBuffer out) {
        out.append(bytes);
    }

    /** With another time to wait, in milliseconds; 0 for ever. */
    void appendTo(OutBuffer out, long millis) {
        read((command, again) -> shared.words().appendWaiting(again, millis, out));
    }

    /** As one that does not wait, whose reply {@code probe} reads. */
    void appendTo(OutBuffer out, QueueProbe probe) {
        probe.appendTo(out, bytes);
    }
}
