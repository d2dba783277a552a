package io.sluice.proxy.conversation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request that names a script by its digest. A server that has not been given the text by us gets that instead. Where the server does not know that, it has done nothing, and gets the
 * request once more with the text. Unless its client has sent further requests meanwhile: these would be overtaken, so
 * the client itself hears what the server said. Event-loop only.
 */
final class ScriptCall implements ReplySink {

    private final Conversations shared;
    private final Conversation conversation;
    private final Client client;
    private final ReplySink slot;
    private final byte[] request;
    private boolean resent;
    private boolean started;

    /** The caller has had the bytes of the request counted. */
    ScriptCall(Conversations shared, Conversation conversation, Client client, ReplySink slot, Request request) {
        this.shared = shared;
        this.conversation = conversation;
        this.client = client;
        this.slot = slot;
        this.request = new byte[request.length()];
        request.buffer().getBytes(request.start(), this.request);
    }

    /** Sends the text instead of the digest, since the server has not been given it yet; false if it must wait. */
    boolean sendWithText(Command command, Request digest) {
        ByteBuf text = withText();
        boolean[] sent = {false};
        boolean read = text != null
                && shared.readAgain(text, (again, withText) -> sent[0] = client.forward(again, withText, this));
        return read ? sent[0] : client.forward(command, digest, this); // forgotten, or longer than requests may be
    }

    private @Nullable ByteBuf withText() {
        @Nullable ByteBuf[] text = {null};
        shared.readAgain(
                Unpooled.wrappedBuffer(request),
                (command, digest) -> text[0] = shared.words().withScript(digest));
        return text[0];
    }

    /** It was not sent after all. */
    void takeBack() {
        client.release(request.length);
    }

    @Override
    public void onReply(ByteBuf source, int offset, int length, boolean last) {
        boolean lacking = !started && !resent && last && shared.words().lacksScript(source, offset, length);
        started = true;
        if (lacking && client.isNewest(slot) && resend()) {
            return;
        }
        if (last) {
            end();
        }
        slot.onReply(source, offset, length, last);
    }

    private boolean resend() {
        boolean[] sent = {false};
        ByteBuf text = withText();
        if (text != null) {
            shared.readAgain(text, (command, again) -> {
                resent = true;
                started = false;
                conversation.beginHoldUp();
                sent[0] = shared.dispatcher().dispatch(command, again, client.id(), this) == null;
            });
        }
        if (sent[0]) {
            shared.count(PoolMetric.SCRIPTS_RESENT);
        }
        return sent[0];
    }

    private void end() {
        client.release(request.length);
        if (resent) {
            conversation.endHoldUp();
        }
    }

    @Override
    public void onLastReply(ByteBuf error) {
        end();
        slot.onLastReply(error);
    }

    @Override
    public boolean keep(int bytes) {
        return slot.keep(bytes);
    }

    @Override
    public void dropped(int bytes) {
        slot.dropped(bytes);
    }

    @Override
    public void onBroken(String detail) {
        end();
        slot.onBroken(detail);
    }
}
