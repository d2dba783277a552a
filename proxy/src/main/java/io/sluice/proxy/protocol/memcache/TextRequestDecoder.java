package io.sluice.proxy.protocol.memcache;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.RequestDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Finds requests in a memcached client's bytes; copies nothing.
 *
 * <pre>
 *   get k1 k2\r\n
 *   set k1 0 60 5\r\n hello\r\n
 *   └ lineBytes   ┘ └ valueBytes ┘
 * </pre>
 *
 * What memcached would not read as we do must not pass: with a value length that it does not take, for one, it goes on to
 * read the value as commands, on a connection that many clients share. So a line that announces a value is either clear
 * in every number, or refused. If it is clear how long the refused value is, that is skipped and the client can go on;
 * else the client is closed.
 */
final class TextRequestDecoder implements RequestDecoder {

    /** Longest key; memcached's own bound. */
    static final int MAX_KEY_BYTES = 250;

    /** Longest line that is not a get or gets: memcached closes a connection that sends a longer one. */
    static final int MAX_LINE_BYTES = 2048;

    /** Longest line of a get or gets. memcached searches such a line anew with each read, for seconds if it is much longer. */
    static final int MAX_GET_LINE_BYTES = 1 << 20;

    /** Largest value whose bytes are counted at all; memcached counts in an int. */
    private static final long MAX_VALUE_BYTES = Integer.MAX_VALUE - 2;

    private static final long NOREPLY = MemcacheCommands.wordOf("noreply", 0);
    private static final int NOREPLY_LENGTH = 7;

    private final TextLimits limits;
    private final Request request = new Request();

    private int searched; // bytes in which the line does not end
    private int lineBytes; // of the line that has been understood; 0 while there is none
    private int valueBytes; // behind it, CRLF included
    private long skipBytes; // of a refused request still to come
    private int missing;
    private int consumed;

    TextRequestDecoder(TextLimits limits) {
        this.limits = limits;
    }

    @Override
    public boolean decode(ByteBuf in) throws ProtocolException {
        missing = 0;
        if (skipBytes > 0) {
            return skip(in);
        }
        if (lineBytes == 0 && !decodeLine(in)) {
            return false;
        }
        if (request.fault() != null && valueBytes > 0) {
            return skip(in);
        }
        return decodeValue(in);
    }

    // ---- the line

    private boolean decodeLine(ByteBuf in) throws ProtocolException {
        request.clear(); // before anything can be found wrong with the line
        int start = in.readerIndex();
        int newline = in.indexOf(start + searched, in.writerIndex(), (byte) '\n');
        int length = (newline < 0 ? in.writerIndex() : newline + 1) - start;
        if (length > MAX_LINE_BYTES) {
            boundLine(in, start, length);
        }
        if (newline < 0) {
            searched = length;
            return false;
        }
        searched = 0;
        lineBytes = length;
        request.placeAt(in, start, length);
        boolean endsWithReturn = newline > start && in.getByte(newline - 1) == '\r';
        String problem = split(in, start, endsWithReturn ? newline - 1 : newline);
        understand(problem);
        return true;
    }

    /** The keys of get and gets may be many; memcached, too, looks at the first word only, without spaces before it. */
    private void boundLine(ByteBuf in, int start, int length) throws ProtocolException {
        boolean isGet = startsWith(in, start, "get ") || startsWith(in, start, "gets ");
        int max = isGet ? Math.min(MAX_GET_LINE_BYTES, limits.maxRequestBytes()) : MAX_LINE_BYTES;
        if (length > max) {
            throw new ProtocolException("line too long: more than " + max + " bytes");
        }
    }

    private static boolean startsWith(ByteBuf in, int index, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (index + i >= in.writerIndex() || in.getByte(index + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Adds the words of the line as arguments; tells what is wrong with them, or an empty text. */
    private String split(ByteBuf in, int start, int end) {
        String problem = "";
        int index = start;
        while (index < end) {
            int stop = TextScan.endOfPrintable(in, index, end);
            while (stop < end && in.getByte(stop) != ' ') {
                problem = "a control character";
                stop = TextScan.endOfPrintable(in, stop + 1, end);
            }
            if (stop > index) {
                if (request.count() == limits.maxArguments()) {
                    return "more than " + limits.maxArguments() + " words (limits.max_arguments)";
                }
                request.addArgument(index - start, stop - index);
            }
            index = stop + 1;
        }
        return problem;
    }

    private void understand(String problem) throws ProtocolException {
        Command command = request.count() == 0 ? null : MemcacheCommands.TABLE.find(request);
        if (command == null || !isExactly(command)) {
            refuseLookalikes(command);
            return;
        }
        request.setCommand(command);
        if (MemcacheCommands.takesNoreply(command, request.count()) && endsWithNoreply()) {
            request.withoutReply();
        }
        if (MemcacheCommands.hasValue(command)) {
            announceValue(command);
        }
        String fault = problem.isEmpty() ? problemOf(command) : problem;
        if (!fault.isEmpty() && request.fault() == null) {
            request.fault(ErrorKind.MALFORMED, TextErrors.BAD_LINE + fault);
        }
    }

    private boolean isExactly(Command command) {
        return request.wordAt(0, 0) == MemcacheCommands.nameWord(command, 0)
                && (request.length(0) <= Long.BYTES
                        || request.wordAt(0, Long.BYTES) == MemcacheCommands.nameWord(command, Long.BYTES));
    }

    /** A value behind SET would be read as commands, and so would the body of a web page's request. */
    private void refuseLookalikes(@Nullable Command command) throws ProtocolException {
        if (command != null && MemcacheCommands.hasValue(command)) {
            throw new ProtocolException("commands are written in lower case: " + command.name());
        }
        int last = request.count() - 1;
        if (last > 0 && startsWith(request.buffer(), request.index(last), "HTTP/")) {
            throw new ProtocolException("this is memcached, not HTTP");
        }
    }

    private boolean endsWithNoreply() {
        int last = request.count() - 1;
        return request.length(last) == NOREPLY_LENGTH && request.wordAt(last, 0) == NOREPLY;
    }

    private void announceValue(Command command) throws ProtocolException {
        if (!command.arityAllows(request.count())) {
            throw new ProtocolException(TextErrors.BAD_LINE + "expected '" + command.name() + "' with "
                    + (Math.abs(command.arity()) - 1) + " arguments, so that it is clear where its value ends");
        }
        long bytes = TextNumbers.unsigned(request, MemcacheCommands.bytesAt(command));
        if (bytes == TextNumbers.NONE || bytes > MAX_VALUE_BYTES) {
            throw new ProtocolException(TextErrors.BAD_LINE + "the length of the value is not a number");
        }
        valueBytes = (int) bytes + 2;
        if (lineBytes + bytes + 2 > limits.maxRequestBytes()) {
            request.fault(
                    ErrorKind.TOO_LARGE, "more than " + limits.maxRequestBytes() + " bytes (limits.max_request_bytes)");
        }
    }

    private String problemOf(Command command) {
        if (command.keys().isSingle()) {
            return request.count() > 1 && request.length(1) > MAX_KEY_BYTES ? keyTooLong() : problemOfNumbers(command);
        }
        if (!command.keys().isNone()) {
            for (int i = command.keys().first(); i < request.count(); i++) {
                if (request.length(i) > MAX_KEY_BYTES) {
                    return keyTooLong();
                }
            }
        }
        return "";
    }

    private static String keyTooLong() {
        return "a key is longer than " + MAX_KEY_BYTES + " bytes";
    }

    /** Of lines that announce a value; whatever memcached says to others is one line. */
    private String problemOfNumbers(Command command) {
        if (!MemcacheCommands.hasValue(command)) {
            return "";
        }
        if (!TextNumbers.isUnsigned32(request, 2)) {
            return "the flags are not a number of 32 bits";
        }
        if (!TextNumbers.isSigned32(request, 3)) {
            return "the expiration time is not a number of 32 bits";
        }
        return request.count() > 5 && !TextNumbers.isUnsigned64(request, 5)
                ? "the unique number is not one of 64 bits"
                : "";
    }

    // ---- the value

    private boolean decodeValue(ByteBuf in) throws ProtocolException {
        int total = lineBytes + valueBytes;
        if (in.readableBytes() < total) {
            missing = total - in.readableBytes();
            return false;
        }
        int end = in.readerIndex() + total;
        if (valueBytes > 0 && (in.getByte(end - 2) != '\r' || in.getByte(end - 1) != '\n')) {
            throw new ProtocolException(
                    "bad data chunk: expected CRLF after " + (valueBytes - 2) + " bytes of the value");
        }
        request.placeAt(in, in.readerIndex(), total);
        return complete(total);
    }

    /** The request is answered with its fault once all of it has come by; nothing of it is kept. */
    private boolean skip(ByteBuf in) {
        if (skipBytes == 0) {
            skipBytes = (long) lineBytes + valueBytes;
        }
        int now = (int) Math.min(skipBytes, in.readableBytes());
        in.skipBytes(now);
        skipBytes -= now;
        return skipBytes == 0 && complete(0);
    }

    private boolean complete(int bytes) {
        consumed = bytes;
        lineBytes = 0;
        valueBytes = 0;
        return true;
    }

    @Override
    public Request request() {
        return request;
    }

    @Override
    public int consumed() {
        return consumed;
    }

    @Override
    public int missing() {
        return missing;
    }

    @Override
    public boolean midRequest() {
        return searched > 0 || lineBytes > 0;
    }

    @Override
    public void reset() {
        searched = 0;
        lineBytes = 0;
        valueBytes = 0;
        skipBytes = 0;
        request.clear();
    }
}
