package io.sluice.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Arguments;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.transport.OutBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One request as it lies in a buffer. There is one object per decoder, moved from request to request and never kept.
 * Event-loop only.
 */
public final class Request implements Arguments {

    private static final int USUAL_ARGUMENTS = 64;
    private static final int KEPT_ARGUMENTS = 4096;

    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int start;
    private int length;
    private int count;
    private int[] offsets = new int[USUAL_ARGUMENTS];
    private int[] lengths = new int[USUAL_ARGUMENTS];
    private @Nullable Command command;
    private boolean wantsReply = true;
    private int cutOffset;
    private int cutLength;
    private @Nullable ErrorKind fault;
    private String faultDetail = "";

    // ---- for decoders

    /** Forgets the arguments, and the arrays too where an unusual request made them large. */
    public void clear() {
        count = 0;
        command = null;
        wantsReply = true;
        cutLength = 0;
        fault = null;
        if (offsets.length > KEPT_ARGUMENTS) {
            offsets = new int[USUAL_ARGUMENTS];
            lengths = new int[USUAL_ARGUMENTS];
        }
    }

    /** Adds an argument at {@code offset} behind the request's first byte. The decoder bounds their number. */
    public void addArgument(int offset, int argumentLength) {
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, count * 2);
            lengths = Arrays.copyOf(lengths, count * 2);
        }
        offsets[count] = offset;
        lengths[count] = argumentLength;
        count++;
    }

    /** Says where the request lies; valid until the buffer's owner consumes it. */
    public void placeAt(ByteBuf in, int requestStart, int requestLength) {
        buffer = in;
        start = requestStart;
        length = requestLength;
    }

    public void setCommand(@Nullable Command row) {
        command = row;
    }

    /**
     * The client wants no reply, and asks for that by the last argument, which is not the first one. Servers are not told so: their connections are
     * shared, and whether a reply comes must not depend on what each server makes of a request.
     */
    public void withoutReply() {
        count--;
        cutOffset = offsets[count - 1] + lengths[count - 1]; // with the space before it
        cutLength = offsets[count] + lengths[count] - cutOffset;
        wantsReply = false;
    }

    /** It cannot be carried out and gets this error, but the client's stream can still be trusted. */
    public void fault(ErrorKind kind, String detail) {
        fault = kind;
        faultDetail = detail;
    }

    // ---- for readers

    /** Whether the client is to hear of it at all, be it an error. */
    public boolean wantsReply() {
        return wantsReply;
    }

    /** Why it is answered with an error without a look at its command; null if it is not. */
    public @Nullable ErrorKind fault() {
        return fault;
    }

    /** What the error is to say. */
    public String faultDetail() {
        return faultDetail;
    }

    /** Null when the table has no such command. */
    public @Nullable Command command() {
        return command;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public int length(int argument) {
        return lengths[argument];
    }

    @Override
    public byte byteAt(int argument, int position) {
        return buffer.getByte(start + offsets[argument] + position);
    }

    /** One read instead of eight; the bytes behind a short argument, its CRLF and more, are masked away. */
    @Override
    public long wordAt(int argument, int position) {
        int left = lengths[argument] - position;
        int index = index(argument) + position;
        if (left <= 0 || index + Long.BYTES > buffer.writerIndex()) {
            return Arguments.super.wordAt(argument, position);
        }
        long word = buffer.getLongLE(index);
        return left >= Long.BYTES ? word : word & ((1L << (left * Byte.SIZE)) - 1);
    }

    /** The buffer it lies in; borrowed. */
    public ByteBuf buffer() {
        return buffer;
    }

    /** Index of its first byte in {@link #buffer()}. */
    public int start() {
        return start;
    }

    /** Its bytes, all arguments and framing. */
    public int length() {
        return length;
    }

    /** Index of an argument's first byte in {@link #buffer()}. */
    public int index(int argument) {
        return start + offsets[argument];
    }

    /** Appends it as servers are to get it. */
    public void appendTo(OutBuffer out) {
        if (cutLength == 0) {
            out.append(buffer, start, length);
        } else {
            int behindCut = cutOffset + cutLength;
            out.append(buffer, start, cutOffset);
            out.append(buffer, start + behindCut, length - behindCut);
        }
    }

    /** A copy of it as servers are to get it. */
    public byte[] bytes() {
        byte[] bytes = new byte[length - cutLength];
        int beforeCut = cutLength == 0 ? length : cutOffset;
        buffer.getBytes(start, bytes, 0, beforeCut);
        buffer.getBytes(start + beforeCut + cutLength, bytes, beforeCut, bytes.length - beforeCut);
        return bytes;
    }

    /** The same with other text in the place of an argument whose length stands nowhere. */
    public void appendReplacing(int argument, String ascii, OutBuffer out) {
        int behind = offsets[argument] + lengths[argument];
        int cut = cutLength == 0 ? length : cutOffset;
        out.append(buffer, start, offsets[argument]);
        out.append(ascii);
        out.append(buffer, start + behind, cut - behind);
        out.append(buffer, start + cut + cutLength, length - cut - cutLength);
    }

    /** Copies an argument; {@code into} must have room. */
    public void copy(int argument, byte[] into) {
        buffer.getBytes(index(argument), into, 0, lengths[argument]);
    }

    /** An argument as text, for the few commands the proxy answers itself. */
    public String text(int argument) {
        return buffer.toString(index(argument), lengths[argument], StandardCharsets.ISO_8859_1);
    }
}
