package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request decoder makes of some bytes that arrive in pieces. As in the transport, what it leaves unread is in
 * another buffer when the next piece has come.
 *
 * @param requests their arguments
 * @param forwarded the bytes of each request as servers get them
 * @param consumed bytes skipped in all
 * @param error message of the exception that ended it; null when there was none
 */
record Decoding(
        List<List<String>> requests,
        List<String> forwarded,
        int consumed,
        @Nullable String error) {

    /** Bytes in front of the reader index, more with each piece, so that no offset is right by chance. */
    private static final int PADDING = 3;

    /** Decodes {@code input} cut before each of {@code cuts}, which rise. */
    static Decoding of(RespLimits limits, String input, int... cuts) {
        RespRequestDecoder decoder = new RespRequestDecoder(RedisCommands.TABLE, limits);
        List<List<String>> requests = new ArrayList<>();
        List<String> forwarded = new ArrayList<>();
        int consumed = 0;
        int arrived = 0;
        for (int i = 0; i <= cuts.length; i++) {
            arrived = i < cuts.length ? cuts[i] : input.length();
            ByteBuf in = buffer(input.substring(consumed, arrived), PADDING * (i + 1) % 64);
            int start = in.readerIndex();
            try {
                while (decoder.decode(in)) {
                    requests.add(arguments(decoder.request()));
                    forwarded.add(bytes(decoder.request()));
                    in.skipBytes(decoder.consumed());
                }
            } catch (ProtocolException e) {
                return new Decoding(requests, forwarded, consumed + in.readerIndex() - start, e.getMessage());
            }
            consumed += in.readerIndex() - start;
        }
        return new Decoding(requests, forwarded, consumed, null);
    }

    static Decoding byteByByte(RespLimits limits, String input) {
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

    private static List<String> arguments(Request request) {
        List<String> arguments = new ArrayList<>();
        for (int i = 0; i < request.count(); i++) {
            arguments.add(request.text(i));
        }
        return arguments;
    }

    private static String bytes(Request request) {
        return request.buffer().toString(request.start(), request.length(), StandardCharsets.ISO_8859_1);
    }
}
