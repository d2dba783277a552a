package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.protocol.Request;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The texts of the scripts that clients of one pool have sent, by their SHA-1, so that a server that does not know one
 * can be given it. The oldest go first when there are too many. Thread-safe, without locks.
 */
final class ScriptCache {

    /** How many scripts are remembered; Redis itself has no bound, applications have dozens. */
    static final int MOST_SCRIPTS = 1000;

    /** Their bytes together. */
    static final long MOST_BYTES = 8 << 20;

    /** A longer one is not remembered. */
    static final int LONGEST_SCRIPT_BYTES = 256 << 10;

    private static final int DIGEST_CHARACTERS = 40;

    private final int mostScripts;
    private final long mostBytes;
    private final Map<String, byte[]> texts = new ConcurrentHashMap<>();
    private final Queue<String> oldestFirst = new ConcurrentLinkedQueue<>();
    private final AtomicLong bytes = new AtomicLong();

    ScriptCache(int mostScripts, long mostBytes) {
        this.mostScripts = mostScripts;
        this.mostBytes = mostBytes;
    }

    /** Remembers the script that is this argument. */
    void remember(Request request, int argument) {
        if (request.length(argument) > LONGEST_SCRIPT_BYTES) {
            return;
        }
        byte[] text = new byte[request.length(argument)];
        request.copy(argument, text);
        String digest = digest(text);
        if (texts.putIfAbsent(digest, text) == null) {
            oldestFirst.add(digest);
            bytes.addAndGet(text.length);
            dropOldest();
        }
    }

    private void dropOldest() {
        while (texts.size() > mostScripts || bytes.get() > mostBytes) {
            String oldest = oldestFirst.poll();
            if (oldest == null) {
                return;
            }
            byte[] dropped = texts.remove(oldest);
            if (dropped != null) {
                bytes.addAndGet(-dropped.length);
            }
        }
    }

    private static String digest(byte[] text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    /** The text of the script whose digest is this argument, in capitals or not; null if it is not known. */
    byte @Nullable [] text(Request request, int argument) {
        return request.length(argument) != DIGEST_CHARACTERS || texts.isEmpty()
                ? null
                : texts.get(request.text(argument).toLowerCase(Locale.ROOT));
    }

    /** The reply to {@code SCRIPT EXISTS digest ...}. */
    ByteBuf exist(Request request) {
        StringBuilder reply = new StringBuilder("*" + (request.count() - 2) + "\r\n");
        for (int i = 2; i < request.count(); i++) {
            reply.append(text(request, i) == null ? ":0\r\n" : ":1\r\n");
        }
        return RespText.ascii(reply.toString());
    }

    void forgetAll() {
        for (String digest = oldestFirst.poll(); digest != null; digest = oldestFirst.poll()) {
            byte[] dropped = texts.remove(digest);
            if (dropped != null) {
                bytes.addAndGet(-dropped.length);
            }
        }
    }

    int size() {
        return texts.size();
    }

    /** {@code EVALSHA digest …} as {@code EVAL text …}: the header and the new first two arguments, then the rest as it is. */
    static ByteBuf asEval(Request request, byte[] text) {
        boolean readOnly = request.text(0).length() > "EVALSHA".length();
        String name = readOnly ? "EVAL_RO" : "EVAL";
        int restFrom = request.index(1) + request.length(1) + 2;
        int restLength = request.start() + request.length() - restFrom;
        ByteBuf eval = Unpooled.buffer(64 + text.length + restLength);
        eval.writeBytes(
                ("*" + request.count() + "\r\n$" + name.length() + "\r\n" + name + "\r\n$" + text.length + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        eval.writeBytes(text).writeByte('\r').writeByte('\n');
        return eval.writeBytes(request.buffer(), restFrom, restLength);
    }
}
