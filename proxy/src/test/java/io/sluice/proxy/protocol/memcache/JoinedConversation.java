package io.sluice.proxy.protocol.memcache;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.ReplyDecoder;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.testing.RecordingSink;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.proxy.transport.OutBytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests to a server and its replies to them, as a server connection does it. Text has one char for each byte. */
final class JoinedConversation {

    private static final TextLimits LIMITS = new TextLimits(1 << 20, 1000);
    private static final int PADDING = 3;

    private final OutBuffer out = new OutBuffer(UnpooledByteBufAllocator.DEFAULT);
    private final List<RecordingSink> sinks = new ArrayList<>();
    private final int pieceBytes;
    private final GetJoiner joiner;
    private int answered;
    private String unread = "";
    private boolean begun; // a piece of the oldest reply has been passed on

    /** @param pieceBytes of a reply that are passed on before it is complete */
    JoinedConversation(int pieceBytes) {
        this.pieceBytes = pieceBytes;
        this.joiner = new GetJoiner(() -> answered);
    }

    /** Asks for these, one behind the other; returns for how many of them another one's line was taken. */
    int ask(String... requests) throws ProtocolException {
        int joined = 0;
        for (String text : requests) {
            TextRequestDecoder decoder = new TextRequestDecoder(LIMITS);
            decoder.decode(buffer(text, 1));
            joined += append(decoder.request()) ? 1 : 0;
        }
        return joined;
    }

    private boolean append(Request request) {
        boolean joined = joiner.append(request, sinks.size(), out);
        sinks.add(new RecordingSink());
        return joined;
    }

    /** What the server has been sent since the last call. */
    String sent() {
        return OutBytes.takeAll(out);
    }

    OutBuffer out() {
        return out;
    }

    /** The server sends this, cut before each of {@code cuts}; returns what was wrong with it. */
    @Nullable String answer(String text, int... cuts) {
        int from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int to = i < cuts.length ? cuts[i] : text.length();
            String error = arrive(text.substring(from, to), i);
            if (error != null) {
                return error;
            }
            from = to;
        }
        return null;
    }

    private @Nullable String arrive(String piece, int number) {
        String bytes = unread + piece;
        ByteBuf in = buffer(bytes, number);
        try {
            decode(in);
        } catch (ProtocolException e) {
            return e.getMessage();
        }
        unread = in.toString(StandardCharsets.ISO_8859_1);
        if (!bytes.endsWith(unread)) {
            throw new AssertionError("bytes of the server were changed: " + unread);
        }
        return null;
    }

    private void decode(ByteBuf in) throws ProtocolException {
        ReplyDecoder decoder = joiner.replies();
        while (in.isReadable()) {
            boolean complete = decoder.decode(in);
            if (answered == sinks.size()) {
                throw new ProtocolException("nobody asked");
            }
            if (!complete) {
                passOnPiece(decoder, in);
                return;
            }
            RecordingSink sink = sinks.get(answered++);
            int length = decoder.scanned();
            decoder.passOn(sink, in, in.readerIndex(), length);
            in.skipBytes(length);
            decoder.next();
            begun = false;
        }
    }

    private void passOnPiece(ReplyDecoder decoder, ByteBuf in) {
        int piece = decoder.scanned();
        if (piece > 0 && (begun || piece >= pieceBytes)) {
            sinks.get(answered).onReply(in, in.readerIndex(), piece, false);
            in.skipBytes(piece);
            decoder.pieceTaken();
            begun = true;
        }
    }

    /** The replies that are complete, in the order of the requests. */
    List<String> replies() {
        return sinks.stream()
                .filter(RecordingSink::isDone)
                .map(RecordingSink::text)
                .toList();
    }

    /** The socket is lost with all that was asked. */
    void lose() {
        joiner.replies().next();
        answered = sinks.size();
        out.clear();
        joiner.forget();
        unread = "";
        begun = false;
    }

    /** Bytes of another reply may follow in the buffer, and some stand before; none has room to spare. */
    private static ByteBuf buffer(String text, int number) {
        int padding = PADDING * (number + 1) % 64;
        ByteBuf buffer = Unpooled.buffer(padding + text.length(), padding + text.length());
        buffer.writeZero(padding).skipBytes(padding);
        buffer.writeCharSequence(text, StandardCharsets.ISO_8859_1);
        return buffer;
    }
}
