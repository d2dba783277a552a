package io.sluice.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.transport.OutBuffer;
import org.jspecify.annotations.Nullable;

/** What a protocol says where clients ask for messages. One object per pool, for all threads. */
public interface PubSubWords {

    /** What kind of topics a command asks for, or for no more. */
    Topic.Kind kind(Command command);

    /** Appends the request for messages of a topic, or for no more of them. */
    void append(Topic topic, boolean subscribe, OutBuffer out);

    /** What a server has said; null if it is nothing that is known. Borrows {@code source}. */
    @Nullable Announcement announcement(ByteBuf source, int offset, int length);

    /**
     * Appends what a client hears when it has a topic, or has it no more.
     *
     * @param topic null where there was none to lose
     * @param count topics that the client has now
     */
    void appendConfirmation(Topic.Kind kind, @Nullable Topic topic, boolean subscribed, int count, ByteBuf reply);

    /** The reply to any other request of a client that has topics: mostly an error. */
    ByteBuf replyToSubscriber(Request request);
}
