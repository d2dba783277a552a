package io.sluice.proxy.conversation;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;

/** The client whose conversation it is. Event-loop only. */
public interface Client {

    /** Unique in this process. */
    long id();

    /** Whether no reply is owed but the one to the request at hand. */
    boolean isQuiet();

    /** Whether {@code slot} is the place of the newest request, so that none of this client could be overtaken. */
    boolean isNewest(ReplySink slot);

    /** Sends a request on as if nothing had been begun; false if it must wait and is offered again. */
    boolean forward(Command command, Request request, ReplySink replyTo);

    /** The request at hand is offered again when there is room. */
    void await(Room full);

    /** Requests from now on wait until {@link Conversation#holdsUp} says no. The client is still listened to. */
    void holdUp();

    /** Answers the request at hand with an error. */
    void fail(ReplySink slot, ErrorKind kind, String detail);

    /** Whether its user may use the channels of the request at hand; if not, that has been told. */
    boolean mayUseChannels(Command command, Request request, ReplySink slot);

    /** Sends something that it has not asked for just now; borrows {@code source}. */
    void push(ByteBuf source, int offset, int length);

    /** Whether so many bytes may be kept for it. */
    boolean hold(int bytes);

    void release(int bytes);
}
