package io.sluice.proxy.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Handshake;
import io.sluice.proxy.protocol.PartMerge;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.PubSubWords;
import io.sluice.proxy.protocol.ReplyDecoder;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.RequestDecoder;
import io.sluice.proxy.protocol.SessionState;
import io.sluice.proxy.protocol.SessionWords;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.transport.OutBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Redis' protocol, but ECHO is answered when the test says so, as if a server were asked. */
final class SlowEcho implements Protocol {

    private final Protocol redis;
    private final List<ReplySink> waiting = new ArrayList<>();
    private final List<String> words = new ArrayList<>();

    SlowEcho(Protocol redis) {
        this.redis = redis;
    }

    /** What was to be echoed, and is not yet. */
    List<String> waiting() {
        return List.copyOf(words);
    }

    void answerOldest() {
        answer(0);
    }

    void answer(int index) {
        piece(index, RespFrames.bulk(words.get(index)), true);
    }

    void piece(int index, String piece, boolean last) {
        ReplySink sink = last ? remove(index) : waiting.get(index);
        ByteBuf source = Unpooled.wrappedBuffer(RespFrames.bytes(piece));
        sink.onReply(source, 0, piece.length(), last);
    }

    void breakOff(int index) {
        remove(index).onBroken("server=a closed in the middle of its reply");
    }

    private ReplySink remove(int index) {
        words.remove(index);
        return waiting.remove(index);
    }

    @Override
    public void answerLocally(Request request, SessionState session, ReplySink sink) {
        if (request.text(0).equalsIgnoreCase("ECHO")) {
            waiting.add(sink);
            words.add(request.text(1));
        } else {
            redis.answerLocally(request, session, sink);
        }
    }

    @Override
    public SessionWords sessionWords() {
        return redis.sessionWords();
    }

    @Override
    public PubSubWords pubSubWords() {
        return redis.pubSubWords();
    }

    @Override
    public RequestDecoder newRequestDecoder() {
        return redis.newRequestDecoder();
    }

    @Override
    public ReplyDecoder newReplyDecoder() {
        return redis.newReplyDecoder();
    }

    @Override
    public Handshake handshake() {
        return redis.handshake();
    }

    @Override
    public SessionState restoredSession(long id, String carried) {
        return SessionState.restored(id, carried);
    }

    @Override
    public SessionState newSession(long id) {
        return redis.newSession(id);
    }

    @Override
    public boolean applyRules(SessionState session) {
        return redis.applyRules(session);
    }

    @Override
    public ByteBuf notPermitted(Command command, int verdict) {
        return redis.notPermitted(command, verdict);
    }

    @Override
    public byte[] probe() {
        return redis.probe();
    }

    @Override
    public boolean appendExpiring(Request request, Duration timeToLive, OutBuffer out) {
        return redis.appendExpiring(request, timeToLive, out);
    }

    @Override
    public boolean allowedUnauthenticated(Request request) {
        return redis.allowedUnauthenticated(request);
    }

    @Override
    public ByteBuf error(ErrorKind kind, String detail) {
        return redis.error(kind, detail);
    }

    @Override
    public ByteBuf badRequest(ErrorKind kind, Request request) {
        return redis.badRequest(kind, request);
    }

    @Override
    public ByteBuf withoutKeys(Request request, int located) {
        return redis.withoutKeys(request, located);
    }

    @Override
    public boolean isError(ByteBuf source, int offset) {
        return redis.isError(source, offset);
    }

    @Override
    public boolean saysServerInTrouble(ByteBuf source, int offset, int length) {
        return redis.saysServerInTrouble(source, offset, length);
    }

    @Override
    public boolean saysServerServesNothing(ByteBuf source, int offset, int length) {
        return redis.saysServerServesNothing(source, offset, length);
    }

    @Override
    public void appendPart(Request request, int[] keyArguments, int from, int to, OutBuffer out) {
        redis.appendPart(request, keyArguments, from, to, out);
    }

    @Override
    public PartMerge mergeOf(MergeRule rule, Request request) {
        return redis.mergeOf(rule, request);
    }
}
