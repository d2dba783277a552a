package io.sluice.proxy.protocol.memcache;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.protocol.CacheWords;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Handshake;
import io.sluice.proxy.protocol.PartMerge;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplyDecoder;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.RequestDecoder;
import io.sluice.proxy.protocol.RequestJoiner;
import io.sluice.proxy.protocol.SessionState;
import io.sluice.proxy.transport.OutBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;

/** The memcached protocol in its classic text form. */
public final class MemcacheTextProtocol implements Protocol {

    /** Clients derive from it what they may send: gat is in it, the meta commands are not. */
    static final String SERVED_VERSION = "1.5.16";

    private static final Handshake NO_HANDSHAKE = new Handshake(new byte[0], 0);

    /** What memcached says before it closes a connection for which it has no room. */
    private static final String NO_ROOM = "ERROR Too many";

    private final TextLimits limits;
    private final TextExpiring expiring;

    public MemcacheTextProtocol(TextLimits limits) {
        this(limits, InstantSource.system());
    }

    public MemcacheTextProtocol(TextLimits limits, InstantSource clock) {
        this.limits = limits;
        this.expiring = new TextExpiring(clock);
    }

    @Override
    public RequestDecoder newRequestDecoder() {
        return new TextRequestDecoder(limits);
    }

    @Override
    public ReplyDecoder newReplyDecoder() {
        return new TextReplyDecoder();
    }

    /** Meta commands, while keys move. */
    @Override
    public boolean asksForItself() {
        return true;
    }

    @Override
    public RequestJoiner.Factory joiners() {
        return GetJoiner::new;
    }

    @Override
    public Handshake handshake() {
        return NO_HANDSHAKE;
    }

    @Override
    public SessionState restoredSession(long id, String carried) {
        return SessionState.restored(id, carried);
    }

    @Override
    public SessionState newSession(long id) {
        return new SessionState(id, true);
    }

    /** It has no users. */
    @Override
    public boolean applyRules(SessionState session) {
        return true;
    }

    @Override
    public byte[] probe() {
        return "version\r\n".getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public boolean allowedUnauthenticated(Request request) {
        return true;
    }

    /** VERSION and QUIT; the latter is answered by closing. */
    @Override
    public void answerLocally(Request request, SessionState session, ReplySink sink) {
        Command command = request.command();
        ByteBuf reply = Unpooled.EMPTY_BUFFER;
        if (command != null && command.name().equals("quit")) {
            session.closeAfterReplies();
        } else {
            reply = TextErrors.line("VERSION " + SERVED_VERSION);
        }
        sink.onReply(reply, 0, reply.readableBytes(), true);
    }

    @Override
    public ByteBuf error(ErrorKind kind, String detail) {
        return TextErrors.reply(kind, detail);
    }

    @Override
    public ByteBuf badRequest(ErrorKind kind, Request request) {
        return TextErrors.reply(kind, "");
    }

    @Override
    public ByteBuf notPermitted(Command command, int verdict) {
        return TextErrors.reply(ErrorKind.NOT_PERMITTED, command.name());
    }

    @Override
    public ByteBuf withoutKeys(Request request, int located) {
        return TextErrors.reply(ErrorKind.WRONG_ARGUMENT_COUNT, "");
    }

    @Override
    public boolean isError(ByteBuf source, int offset) {
        byte second = source.getByte(offset + 1); // the shortest reply is a digit and its CRLF
        return switch (source.getByte(offset)) {
            case 'E' -> second == 'R';
            case 'S' -> second == 'E';
            case 'C' -> true;
            default -> false;
        };
    }

    /** As in twemproxy no SERVER_ERROR is held against a server: it concerns one value, as when that finds no room. */
    @Override
    public boolean saysServerInTrouble(ByteBuf source, int offset, int length) {
        if (length < NO_ROOM.length()) {
            return false;
        }
        for (int i = 0; i < NO_ROOM.length(); i++) {
            if (source.getByte(offset + i) != NO_ROOM.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean saysServerServesNothing(ByteBuf source, int offset, int length) {
        return false;
    }

    @Override
    public boolean appendExpiring(Request request, Duration timeToLive, OutBuffer out) {
        return expiring.append(request, timeToLive, out);
    }

    @Override
    public void appendPart(Request request, int[] keyArguments, int from, int to, OutBuffer out) {
        TextMerge.appendPart(request, keyArguments, from, to, out);
    }

    @Override
    public CacheWords cacheWords() {
        return TextCacheWords.WORDS;
    }

    @Override
    public PartMerge mergeOf(MergeRule rule, Request request) {
        return TextMerge.of(request);
    }
}
