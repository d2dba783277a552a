package io.sluice.proxy.testing;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.ReplyDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a reply decoder of any protocol makes of bytes that arrive in pieces. On the way it checks what {@link
 * ReplyDecoder} promises. As in the transport, unread bytes are in another buffer when the next piece has come.
 *
 * @param replies the complete ones
 * @param error message of the exception that ended it; null when there was none
 */
public record ReplyDecoding(List<String> replies, @Nullable String error) {

    /** Who takes bytes of a reply when. */
    public enum Taking {
        /** A reply is taken once it is complete. */
        WHOLE,
        /** What is known of an incomplete reply is taken at once, as of large ones. */
        PIECES
    }

    /** Decodes {@code input} cut before each of {@code cuts}, which rise. */
    public static ReplyDecoding of(ReplyDecoder decoder, Taking taking, String input, int... cuts) {
        return new Run(decoder, taking, input).decode(cuts);
    }

    private static final class Run {
        private final ReplyDecoder decoder;
        private final Taking taking;
        private final String input;
        private final List<String> replies = new ArrayList<>();
        private final StringBuilder reply = new StringBuilder(); // pieces taken of the one that is not complete
        private int consumed;
        private int needed; // bytes of the input without which the reply may not be complete
        private int scanned; // of what is still unread

        Run(ReplyDecoder decoder, Taking taking, String input) {
            this.decoder = decoder;
            this.taking = taking;
            this.input = input;
        }

        ReplyDecoding decode(int... cuts) {
            for (int i = 0; i <= cuts.length; i++) {
                int arrived = i < cuts.length ? cuts[i] : input.length();
                ByteBuf in = Pieces.buffer(input.substring(consumed, arrived), i);
                int start = in.readerIndex();
                try {
                    decodePiece(in, arrived);
                } catch (ProtocolException e) {
                    Contract.check(!e.getMessage().isEmpty(), "an error without words");
                    staysHarmless(in);
                    return new ReplyDecoding(replies, e.getMessage());
                }
                consumed += in.readerIndex() - start;
            }
            return new ReplyDecoding(replies, null);
        }

        private void decodePiece(ByteBuf in, int arrived) throws ProtocolException {
            while (decodeOne(in)) {
                Contract.check(arrived >= needed, "complete without the bytes it called missing");
                needed = 0;
                replies.add(reply + take(in));
                Contract.check(!replies.get(replies.size() - 1).isEmpty(), "a reply of no bytes");
                reply.setLength(0);
                decoder.next();
            }
            Contract.check(decoder.missing() >= 0, "missing is negative");
            if (decoder.missing() > 0) {
                needed = arrived + decoder.missing();
            }
            if (taking == Taking.PIECES) {
                reply.append(take(in));
                decoder.pieceTaken();
            }
        }

        private boolean decodeOne(ByteBuf in) throws ProtocolException {
            int reader = in.readerIndex();
            int writer = in.writerIndex();
            boolean complete = decoder.decode(in);
            Contract.check(in.readerIndex() == reader && in.writerIndex() == writer, "the buffer's indexes have moved");
            Contract.check(decoder.scanned() >= scanned, "scanned has shrunk");
            Contract.check(decoder.scanned() <= in.readableBytes(), "more scanned than there was");
            scanned = decoder.scanned();
            return complete;
        }

        private String take(ByteBuf in) {
            String taken =
                    in.readCharSequence(scanned, StandardCharsets.ISO_8859_1).toString();
            scanned = 0;
            return taken;
        }

        /** Nobody asks it again after an error; should somebody, it may say anything but must not break. */
        private void staysHarmless(ByteBuf in) {
            try {
                decodeOne(in);
            } catch (ProtocolException again) {
                Contract.check(!again.getMessage().isEmpty(), "an error without words");
            }
        }
    }
}
