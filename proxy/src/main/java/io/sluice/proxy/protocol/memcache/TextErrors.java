package io.sluice.proxy.protocol.memcache;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.protocol.ErrorKind;
import java.nio.charset.StandardCharsets;

/**
 * Every error text of ours that a memcached client can see. The first word is one of the protocol's three: the command
 * is not there, the client is wrong, the server is in trouble. Where memcached or twemproxy has words for it, they come
 * first; what we know more follows.
 */
final class TextErrors {

    /** What memcached says of a line it cannot read. */
    static final String BAD_LINE = "bad command line format: ";

    private TextErrors() {}

    static ByteBuf reply(ErrorKind kind, String detail) {
        return switch (kind) {
            case UNKNOWN_COMMAND, WRONG_ARGUMENT_COUNT -> line("ERROR"); // exactly so: clients compare it
            case MALFORMED, REFUSED, PROTOCOL -> line("CLIENT_ERROR " + detail);
            case NOT_AUTHENTICATED -> line("CLIENT_ERROR unauthenticated");
            case NOT_PERMITTED -> line("CLIENT_ERROR not permitted: " + detail);
            case INJECTED -> line("SERVER_ERROR Fault injected: " + detail);
            case CROSS_SERVER -> line("CLIENT_ERROR keys on different servers: " + detail);
            case TOO_LARGE -> line("SERVER_ERROR object too large for cache: " + detail);
            case NO_SERVER, UNREACHABLE -> line("SERVER_ERROR Connection refused: " + detail);
            case DEMOTED -> line("SERVER_ERROR Server demoted: " + detail);
            case MOVING -> line("SERVER_ERROR Slot moving: " + detail);
            case DRAINING -> line("SERVER_ERROR Queue moving: " + detail);
            case OUTCOME_UNKNOWN -> line("SERVER_ERROR outcome unknown: " + detail);
            case CONNECTION_LOST -> line("SERVER_ERROR Connection reset by peer: " + detail);
            case TIMED_OUT -> line("SERVER_ERROR Connection timed out: " + detail);
            case OVERLOADED -> line("SERVER_ERROR Server overloaded: " + detail);
            case STALLED -> line("SERVER_ERROR Server stalled: " + detail);
            case UNBLOCKED -> line("SERVER_ERROR the wait was ended by the proxy: " + detail);
            case INTERNAL -> line("SERVER_ERROR Internal error of the proxy: " + detail);
        };
    }

    /** A server refused its part of a request with something else than SERVER_ERROR. */
    static ByteBuf ofPart(String said) {
        return line("SERVER_ERROR a server answered a part of the request with: " + said);
    }

    /** A line of its own, whatever is in the text. */
    static ByteBuf line(String text) {
        String oneLine = text.replace('\r', ' ').replace('\n', ' ');
        return Unpooled.wrappedBuffer((oneLine + "\r\n").getBytes(StandardCharsets.UTF_8));
    }
}
