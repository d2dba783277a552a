package io.sluice.proxy.testing;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.RequestDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request decoder of any protocol makes of bytes that arrive in pieces. On the way it checks what {@link
 * RequestDecoder} promises, and does what a session does: unread bytes are in another buffer when the next piece has
 * come, and a decoder that has not begun a request is given back in between.
 *
 * @param requests their arguments; of one that is answered with its fault, the fault
 * @param answered whether each of them wants a reply, and behind them whether the error does
 * @param forwarded the bytes of each request as servers get them
 * @param consumed bytes skipped in all
 * @param error message of the exception that ended it; null when there was none
 */
public record RequestDecoding(
        List<List<String>> requests,
        List<Boolean> answered,
        List<String> forwarded,
        int consumed,
        @Nullable String error) {

    /** Decodes {@code input} cut before each of {@code cuts}, which rise. */
    public static RequestDecoding of(RequestDecoder decoder, String input, int... cuts) {
        return new Run(decoder, input).decode(cuts);
    }

    private static final class Run {
        private final RequestDecoder decoder;
        private final String input;
        private final List<List<String>> requests = new ArrayList<>();
        private final List<Boolean> answered = new ArrayList<>();
        private final List<String> forwarded = new ArrayList<>();
        private int consumed;
        private int needed; // bytes of the input without which no request may be complete

        Run(RequestDecoder decoder, String input) {
            this.decoder = decoder;
            this.input = input;
        }

        RequestDecoding decode(int... cuts) {
            for (int i = 0; i <= cuts.length; i++) {
                int arrived = i < cuts.length ? cuts[i] : input.length();
                ByteBuf in = Pieces.buffer(input.substring(consumed, arrived), i);
                int start = in.readerIndex();
                try {
                    decodePiece(in, arrived);
                } catch (ProtocolException e) {
                    Contract.check(!e.getMessage().isEmpty(), "an error without words");
                    consumed += in.readerIndex() - start;
                    answered.add(decoder.request().wantsReply());
                    staysHarmless(in);
                    return result(e.getMessage());
                }
                consumed += in.readerIndex() - start;
            }
            return result(null);
        }

        private RequestDecoding result(@Nullable String error) {
            return new RequestDecoding(requests, answered, forwarded, consumed, error);
        }

        private void decodePiece(ByteBuf in, int arrived) throws ProtocolException {
            int before = in.readerIndex();
            while (decodeOne(in)) {
                Contract.check(arrived >= needed, "complete without the bytes it called missing");
                needed = 0;
                Contract.check(decoder.consumed() <= in.readableBytes(), "more consumed than there was");
                addRequest();
                in.skipBytes(decoder.consumed());
                Contract.check(in.readerIndex() > before, "a request of no bytes");
                before = in.readerIndex();
            }
            Contract.check(decoder.missing() >= 0, "missing is negative");
            if (decoder.missing() > 0) {
                needed = arrived + decoder.missing();
            }
            if (!decoder.midRequest()) {
                decoder.reset(); // and another client may have it
            }
        }

        private boolean decodeOne(ByteBuf in) throws ProtocolException {
            int reader = in.readerIndex();
            int writer = in.writerIndex();
            boolean complete = decoder.decode(in);
            Contract.check(in.readerIndex() >= reader && in.writerIndex() == writer, "the buffer's indexes are wrong");
            return complete;
        }

        /** Of a request with a fault nothing is left but the fault. */
        private void addRequest() {
            Request request = decoder.request();
            answered.add(request.wantsReply());
            if (request.fault() != null) {
                requests.add(List.of(String.valueOf(request.fault()), request.faultDetail()));
            } else {
                requests.add(arguments(request));
                forwarded.add(
                        request.buffer().toString(request.start(), request.length(), StandardCharsets.ISO_8859_1));
            }
        }

        private static List<String> arguments(Request request) {
            int end = request.start() + request.length();
            Contract.check(request.start() >= request.buffer().readerIndex(), "a request before what is readable");
            Contract.check(end <= request.buffer().writerIndex(), "a request behind what is readable");
            List<String> arguments = new ArrayList<>();
            for (int i = 0; i < request.count(); i++) {
                Contract.check(request.index(i) >= request.start(), "an argument before its request");
                Contract.check(request.index(i) + request.length(i) <= end, "an argument behind its request");
                arguments.add(request.text(i));
            }
            return arguments;
        }

        /** Nobody asks it again after an error; should somebody, it may say anything but must not break. */
        private void staysHarmless(ByteBuf in) {
            try {
                if (decodeOne(in)) {
                    Contract.check(decoder.consumed() <= in.readableBytes(), "more consumed than there was");
                }
            } catch (ProtocolException again) {
                Contract.check(!again.getMessage().isEmpty(), "an error without words");
            }
        }
    }
}
