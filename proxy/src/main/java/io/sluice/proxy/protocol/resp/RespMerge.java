package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.PartReplies;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.transport.OutBuffer;

/**
 * One multi-key request to one per server, and their replies to one.
 *
 * <pre>
 *   MGET a b c ─▶ MGET a c (part 0)  ─▶ *2 A C ─┐
 *                 MGET b   (part 1)  ─▶ *1 B   ─┴▶ *3 A B C
 * </pre>
 */
final class RespMerge {

    /** Of the array that is made of all parts: its number has ten digits at most. */
    private static final int MOST_HEADER_BYTES = 13;

    private RespMerge() {}

    /** Appends {@code *n $len NAME} and the keys of one part, with the arguments that follow each key. */
    static void appendPart(Request request, int[] keyArguments, int from, int to, OutBuffer out) {
        Command command = request.command();
        int step = command == null ? 1 : command.keys().step();
        out.append(RespText.arrayHeader(1 + (to - from) * step));
        appendArguments(request, 0, 1, out);
        for (int i = from; i < to; ) {
            int first = keyArguments[i];
            int next = first;
            while (i < to && keyArguments[i] == next) { // neighbours lie one behind the other and are copied at once
                next += step;
                i++;
            }
            appendArguments(request, first, next, out);
        }
    }

    private static void appendArguments(Request request, int first, int behindLast, OutBuffer out) {
        int header = 3 + decimalDigits(request.length(first)); // $ digits CR LF right before the bytes, inline too
        int start = request.index(first) - header;
        int last = behindLast - 1;
        out.append(request.buffer(), start, request.index(last) + request.length(last) + 2 - start);
    }

    private static int decimalDigits(int value) {
        int digits = 1;
        for (int rest = value / 10; rest > 0; rest /= 10) {
            digits++;
        }
        return digits;
    }

    static void merge(MergeRule rule, PartReplies replies, ReplySink sink) {
        for (int i = 0; i < replies.parts(); i++) {
            ByteBuf part = replies.part(i);
            if (part.getByte(part.readerIndex()) == '-') {
                sink.onReply(part, part.readerIndex(), part.readableBytes(), true);
                return;
            }
        }
        try {
            switch (rule) {
                case IN_KEY_ORDER -> mergeInKeyOrder(replies, sink);
                case SUM -> whole(RespText.integer(sum(replies)), sink);
                case ANY -> whole(RespText.integer(sum(replies) > 0 ? 1 : 0), sink);
                case ALL_OK, NONE -> whole(replies.part(0), sink);
            }
        } catch (ProtocolException e) {
            whole(
                    RespErrors.reply(ErrorKind.INTERNAL, "a part of the reply cannot be merged: " + e.getMessage()),
                    sink);
        }
    }

    private static void whole(ByteBuf reply, ReplySink sink) {
        sink.onReply(reply, reply.readerIndex(), reply.readableBytes(), true);
    }

    private static long sum(PartReplies replies) throws ProtocolException {
        long sum = 0;
        for (int i = 0; i < replies.parts(); i++) {
            sum += readHeader(replies.part(i), ':');
        }
        return sum;
    }

    private static void mergeInKeyOrder(PartReplies replies, ReplySink sink) throws ProtocolException {
        int keys = replies.keys();
        checkCounts(replies, keys);
        int bytes = MOST_HEADER_BYTES;
        for (int i = 0; i < replies.parts(); i++) {
            bytes += replies.part(i).readableBytes();
        }
        if (bytes <= PartReplies.SCRATCH_BYTES) {
            ByteBuf scratch = replies.scratch();
            scratch.writeBytes(RespText.arrayHeader(keys));
            passOnInKeyOrder(replies, (part, start, length, last) -> scratch.writeBytes(part, start, length));
            whole(scratch, sink);
        } else {
            ByteBuf header = RespText.arrayHeaderBuffer(keys);
            sink.onReply(header, 0, header.readableBytes(), false);
            passOnInKeyOrder(replies, sink::onReply);
        }
    }

    /** Takes some of the bytes of the merged reply, which follow those before. */
    private interface Taker {
        void take(ByteBuf source, int offset, int length, boolean last);
    }

    private static void passOnInKeyOrder(PartReplies replies, Taker taker) throws ProtocolException {
        RespReplyDecoder element = new RespReplyDecoder();
        int keys = replies.keys();
        for (int key = 0; key < keys; ) {
            int owner = replies.partOfKey(key);
            ByteBuf part = replies.part(owner);
            int start = part.readerIndex();
            do { // neighbours of one part go on at once
                element.decode(part); // cannot fail: the whole part was scanned when it arrived
                part.skipBytes(element.scanned());
                element.next();
                key++;
            } while (key < keys && replies.partOfKey(key) == owner);
            taker.take(part, start, part.readerIndex() - start, key == keys);
        }
    }

    /** All parts must have as many elements as they were asked for, before the first byte goes to the client. */
    private static void checkCounts(PartReplies replies, int keys) throws ProtocolException {
        int[] asked = new int[replies.parts()];
        for (int key = 0; key < keys; key++) {
            asked[replies.partOfKey(key)]++;
        }
        for (int i = 0; i < asked.length; i++) {
            long got = readHeader(replies.part(i), '*');
            if (got != asked[i]) {
                throw new ProtocolException("expected " + asked[i] + " elements, got " + got);
            }
        }
    }

    /** Reads {@code :12\r\n} or {@code *12\r\n} and moves behind it. */
    private static long readHeader(ByteBuf part, char type) throws ProtocolException {
        byte found = part.readByte();
        if (found != type) {
            throw new ProtocolException("expected a reply of type '" + type + "', got '" + (char) found + "'");
        }
        int end = part.indexOf(part.readerIndex(), part.writerIndex(), (byte) '\r');
        long value = 0;
        boolean negative = part.getByte(part.readerIndex()) == '-';
        for (int i = part.readerIndex() + (negative ? 1 : 0); i < end; i++) {
            value = value * 10 + (part.getByte(i) - '0');
        }
        part.readerIndex(end + 2);
        return negative ? -value : value;
    }
}
