package io.sluice.proxy.protocol.memcache;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.proxy.transport.OutBytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request decoder makes of some bytes that arrive in pieces. As in the transport, what it leaves unread is in
 * another buffer when the next piece has come.
 *
 * @param requests what servers get of each, or in brackets why they do not; silent ones begin with a tilde
 * @param consumed bytes skipped in all
 * @param error message of the exception that ended it; null when there was none
 */
record Decoding(
        List<String> requests, int consumed, @Nullable String error) {

    /** Bytes in front of the reader index, more with each piece, so that no offset is right by chance. */
    private static final int PADDING = 3;

    /** Decodes {@code input} cut before each of {@code cuts}, which rise. */
    static Decoding of(TextLimits limits, String input, int... cuts) {
        TextRequestDecoder decoder = new TextRequestDecoder(limits);
        List<String> requests = new ArrayList<>();
        int consumed = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int arrived = i < cuts.length ? cuts[i] : input.length();
            ByteBuf in = buffer(input.substring(consumed, arrived), PADDING * (i + 1) % 64);
            int start = in.readerIndex();
            try {
                while (decoder.decode(in)) {
                    requests.add(shown(decoder.request()));
                    in.skipBytes(decoder.consumed());
                }
            } catch (ProtocolException e) {
                return new Decoding(requests, 0, e.getMessage()); // how much is left unread is of no account
            }
            consumed += in.readerIndex() - start;
        }
        return new Decoding(requests, consumed, null);
    }

    static Decoding byteByByte(TextLimits limits, String input) {
        int[] cuts = new int[Math.max(0, input.length() - 1)];
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = i + 1;
        }
        return of(limits, input, cuts);
    }

    private static ByteBuf buffer(String text, int padding) {
        ByteBuf buffer = Unpooled.buffer(padding + text.length());
        buffer.writeZero(padding).skipBytes(padding);
        buffer.writeCharSequence(text, StandardCharsets.ISO_8859_1);
        return buffer;
    }

    private static String shown(Request request) {
        String silent = request.wantsReply() ? "" : "~";
        if (request.fault() != null) {
            return silent + "[" + request.fault() + " " + request.faultDetail() + "]";
        }
        if (request.command() == null) {
            return silent + "[unknown]";
        }
        OutBuffer out = new OutBuffer(UnpooledByteBufAllocator.DEFAULT);
        request.appendTo(out);
        return silent + OutBytes.takeAll(out);
    }
}
