package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.SessionMistake;
import io.sluice.proxy.protocol.SessionWords;
import io.sluice.proxy.transport.OutBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What Redis and its clients say in transactions, waits and of scripts; errors in the words of Redis 7.0. */
final class RespSessionWords implements SessionWords {

    private static final byte[] MULTI = bytes("*1\r\n$5\r\nMULTI\r\n");
    private static final byte[] EXEC = bytes("*1\r\n$4\r\nEXEC\r\n");
    private static final byte[] UNWATCH = bytes("*1\r\n$7\r\nUNWATCH\r\n");
    private static final byte[] NOTHING = bytes("*-1\r\n");
    private static final byte[] CLIENT_ID = bytes("*2\r\n$6\r\nCLIENT\r\n$2\r\nID\r\n");
    private static final byte[] NOSCRIPT = bytes("-NOSCRIPT");
    private static final int ONE_ELEMENT_BYTES = 4;
    private static final int LONGEST_NUMBER = 20;

    private final ScriptCache scripts;

    RespSessionWords(ScriptCache scripts) {
        this.scripts = scripts;
    }

    private static byte[] bytes(String ascii) {
        return ascii.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public byte[] begin() {
        return MULTI;
    }

    @Override
    public byte[] commit() {
        return EXEC;
    }

    @Override
    public byte[] unwatch() {
        return UNWATCH;
    }

    @Override
    public ByteBuf done() {
        return RespText.simple("OK");
    }

    @Override
    public ByteBuf queued() {
        return RespText.simple("QUEUED");
    }

    @Override
    public ByteBuf nothingCommitted() {
        return RespText.ascii("*0\r\n");
    }

    @Override
    public ByteBuf notCommitted() {
        return RespText.ascii("*-1\r\n");
    }

    @Override
    public ByteBuf mistake(SessionMistake mistake) {
        return RespText.ascii(
                switch (mistake) {
                    case NESTED -> "-ERR MULTI calls can not be nested\r\n";
                    case COMMIT_WITHOUT_BEGIN -> "-ERR EXEC without MULTI\r\n";
                    case DISCARD_WITHOUT_BEGIN -> "-ERR DISCARD without MULTI\r\n";
                    case WATCH_WITHIN -> "-ERR WATCH inside MULTI is not allowed\r\n";
                    case ABORTED -> "-EXECABORT Transaction discarded because of previous errors.\r\n";
                });
    }

    /** Behind {@code *1 CR LF}. */
    @Override
    public int onlyReply(ByteBuf reply, int offset) {
        boolean holdsOne =
                reply.getByte(offset) == '*' && reply.getByte(offset + 1) == '1' && reply.getByte(offset + 2) == '\r';
        return holdsOne ? offset + ONE_ELEMENT_BYTES : offset;
    }

    // ---- scripts

    @Override
    public void rememberScript(Request request, int argument) {
        scripts.remember(request, argument);
    }

    @Override
    public @Nullable String knownScript(Request request) {
        return scripts.text(request, 1) == null ? null : request.text(1).toLowerCase(Locale.ROOT);
    }

    @Override
    public @Nullable ByteBuf withScript(Request request) {
        byte[] text = scripts.text(request, 1);
        return text == null ? null : ScriptCache.asEval(request, text);
    }

    @Override
    public boolean lacksScript(ByteBuf reply, int offset, int length) {
        if (length < NOSCRIPT.length || reply.getByte(offset) != '-') {
            return false;
        }
        for (int i = 1; i < NOSCRIPT.length; i++) {
            if (reply.getByte(offset + i) != NOSCRIPT[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void forgetScripts() {
        scripts.forgetAll();
    }

    // ---- waits

    @Override
    public long waitMillis(Request request) {
        return WaitTime.millis(request);
    }

    @Override
    public void appendWaiting(Request request, long millis, OutBuffer out) {
        WaitTime.append(request, millis, out);
    }

    /** {@code $-1} or {@code *-1}. */
    @Override
    public boolean isNothing(ByteBuf reply, int offset) {
        byte type = reply.getByte(offset);
        return (type == '$' || type == '*') && reply.getByte(offset + 1) == '-';
    }

    /** What servers say at the end of every wait for data: a null array, that of BLMOVE as well. */
    @Override
    public byte[] nothing() {
        return NOTHING.clone();
    }

    @Override
    public byte[] askConnectionNumber() {
        return CLIENT_ID;
    }

    @Override
    public long connectionNumber(ByteBuf reply, int offset, int length) {
        if (reply.getByte(offset) != ':' || length > LONGEST_NUMBER) {
            return -1;
        }
        return Long.parseLong(reply.toString(offset + 1, length - 3, StandardCharsets.US_ASCII));
    }

    @Override
    public byte[] endWait(long connectionNumber) {
        String number = Long.toString(connectionNumber);
        return bytes("*4\r\n$6\r\nCLIENT\r\n$7\r\nUNBLOCK\r\n$" + number.length() + "\r\n" + number
                + "\r\n$7\r\nTIMEOUT\r\n");
    }
}
