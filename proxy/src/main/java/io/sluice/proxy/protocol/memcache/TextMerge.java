package io.sluice.proxy.protocol.memcache;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.PartMerge;
import io.sluice.proxy.protocol.PartReplies;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.transport.OutBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One get of many keys to one per server, and their replies to one.
 *
 * <pre>
 *   get a b c d ─▶ get a c d (part 0) ─▶ VALUE a, VALUE d, END ─┐
 *                  get b     (part 1) ─▶ VALUE b, END          ─┴▶ VALUE a, VALUE b, VALUE d, END
 * </pre>
 *
 * A reply does not say which keys are not there, so a fingerprint of each key is kept, to find the place of each value.
 * Should two keys of a part have the same, a value could stand in the place of the other key; as it carries its own key
 * it is the right one all the same.
 */
final class TextMerge implements PartMerge {

    private static final byte[] END = "END\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_QUOTED = 200;

    private final int[] fingerprints;

    private TextMerge(int[] fingerprints) {
        this.fingerprints = fingerprints;
    }

    static TextMerge of(Request request) {
        Command command = request.command();
        int first = command == null ? 1 : command.keys().first();
        int[] fingerprints = new int[request.count() - first];
        for (int i = 0; i < fingerprints.length; i++) {
            int index = request.index(first + i);
            fingerprints[i] = fingerprint(request.buffer(), index, index + request.length(first + i));
        }
        return new TextMerge(fingerprints);
    }

    private static int fingerprint(ByteBuf in, int start, int end) {
        int print = 0;
        for (int i = start; i < end; i++) {
            print = print * 31 + in.getByte(i);
        }
        return print;
    }

    /** Appends the words before the first key, and the keys of one part. */
    static void appendPart(Request request, int[] keyArguments, int from, int to, OutBuffer out) {
        Command command = request.command();
        int firstKey = command == null ? 1 : command.keys().first();
        out.append(request.buffer(), request.index(0), request.length(0));
        for (int i = 1; i < firstKey; i++) {
            appendWord(request, i, out);
        }
        for (int i = from; i < to; i++) {
            appendWord(request, keyArguments[i], out);
        }
        out.append("\r\n");
    }

    /** A word with the space that stands before it. */
    private static void appendWord(Request request, int argument, OutBuffer out) {
        out.append(request.buffer(), request.index(argument) - 1, request.length(argument) + 1);
    }

    @Override
    public void merge(PartReplies replies, ReplySink sink) {
        try {
            Values[] values = new Values[replies.parts()];
            for (int i = 0; i < values.length; i++) {
                values[i] = new Values(replies.part(i));
                ByteBuf failure = values[i].failure();
                if (failure != null) {
                    whole(failure, sink);
                    return;
                }
            }
            int[] found = place(replies, values);
            pass(replies, values, found, sink);
        } catch (ProtocolException e) {
            whole(
                    TextErrors.reply(ErrorKind.INTERNAL, "a part of the reply cannot be merged: " + e.getMessage()),
                    sink);
        }
    }

    private static void whole(ByteBuf reply, ReplySink sink) {
        sink.onReply(reply, reply.readerIndex(), reply.readableBytes(), true);
    }

    /** The bytes of each key's value with its line, 0 for a miss; all of it before the first byte goes to the client. */
    private int[] place(PartReplies replies, Values[] values) throws ProtocolException {
        int[] found = new int[fingerprints.length];
        for (int key = 0; key < found.length; key++) {
            Values part = values[replies.partOfKey(key)];
            if (part.atValue() && part.fingerprint() == fingerprints[key]) {
                found[key] = part.takeValue();
            }
        }
        for (Values part : values) {
            if (part.atValue()) {
                throw new ProtocolException("a value that was not asked for, or not in that order");
            }
        }
        return found;
    }

    private static void pass(PartReplies replies, Values[] values, int[] found, ReplySink sink) {
        int[] next = new int[values.length];
        for (int i = 0; i < next.length; i++) {
            next[i] = replies.part(i).readerIndex();
        }
        for (int key = 0; key < found.length; key++) {
            int part = replies.partOfKey(key);
            if (found[key] > 0) {
                sink.onReply(replies.part(part), next[part], found[key], false);
                next[part] += found[key];
            }
        }
        whole(Unpooled.wrappedBuffer(END), sink);
    }

    /** One part's reply: values, then END or an error. Borrows the buffer and leaves its indexes alone. */
    private static final class Values {
        private final ByteBuf reply;
        private int line;
        private int lineEnd;

        Values(ByteBuf reply) throws ProtocolException {
            this.reply = reply;
            moveTo(reply.readerIndex());
        }

        private void moveTo(int index) throws ProtocolException {
            line = index;
            int newline = index < reply.writerIndex() ? reply.indexOf(index, reply.writerIndex(), (byte) '\n') : -1;
            if (newline <= index) {
                throw new ProtocolException("a reply without its end");
            }
            lineEnd = newline - 1;
        }

        boolean atValue() {
            return ReplyLine.VALUE.begins(reply, line, lineEnd);
        }

        int fingerprint() {
            return TextMerge.fingerprint(reply, ReplyLine.keyStart(line), ReplyLine.keyEnd(reply, line, lineEnd));
        }

        /** Moves behind the value; returns the bytes of its line and of itself. */
        int takeValue() throws ProtocolException {
            int start = line;
            moveTo((int) (lineEnd + 2 + ReplyLine.valueBytes(reply, line, lineEnd) + 2));
            return line - start;
        }

        /** The error reply that the whole request gets for this part; null if there is none. Then it begins anew. */
        @Nullable ByteBuf failure() throws ProtocolException {
            while (atValue()) {
                takeValue();
            }
            if (!ReplyLine.END.is(reply, line, lineEnd)) {
                return failureOf(reply, line, lineEnd);
            }
            moveTo(reply.readerIndex());
            return null;
        }

        private static ByteBuf failureOf(ByteBuf reply, int line, int lineEnd) {
            int length = lineEnd - line;
            return ReplyLine.SERVER_ERROR.begins(reply, line, lineEnd)
                    ? reply.slice(line, length + 2)
                    : TextErrors.ofPart(
                            reply.toString(line, Math.min(length, MAX_QUOTED), StandardCharsets.ISO_8859_1));
        }
    }
}
