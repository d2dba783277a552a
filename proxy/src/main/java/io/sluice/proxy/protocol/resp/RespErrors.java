package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.access.Verdict;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.KeyLocator;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Request;
import java.nio.charset.StandardCharsets;

/**
 * Every error text of ours that a Redis client can see. Where Redis or twemproxy has words for it, they come first, so
 * that clients which match on them go on working; what we know more follows.
 */
final class RespErrors {

    /** Longest piece of a client's own bytes that is shown back to it; Redis cuts at 128 as well. */
    private static final int MAX_QUOTED = 128;

    static final String SCRIPT_HINT =
            "behind the proxy a script has the proxy's own rights, so a rule must name it (+eval, +@scripting)";

    /** What Redis says after having begun the command, so without NOPERM. */
    static final String SORT_BY = "BY option of SORT denied due to insufficient ACL permissions.";

    static final String SORT_GET = "GET option of SORT denied due to insufficient ACL permissions.";

    private RespErrors() {}

    static ByteBuf reply(ErrorKind kind, String detail) {
        return Unpooled.wrappedBuffer(
                ("-" + opening(kind) + oneLine(detail) + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    private static String opening(ErrorKind kind) {
        return switch (kind) {
            case UNKNOWN_COMMAND -> "ERR unknown command ";
            case WRONG_ARGUMENT_COUNT -> "ERR wrong number of arguments for ";
            case MALFORMED, REFUSED -> "ERR ";
            case TOO_LARGE -> "ERR request too large: ";
            case NOT_AUTHENTICATED -> "NOAUTH Authentication required.";
            case NOT_PERMITTED -> "NOPERM ";
            case UNBLOCKED -> "UNBLOCKED the wait was ended by the proxy: ";
            case INJECTED -> "ERR Fault injected: ";
            case CROSS_SERVER -> "CROSSSLOT Keys in request don't hash to the same server: ";
            case NO_SERVER, UNREACHABLE -> "ERR Connection refused: ";
            case DEMOTED -> "ERR Server demoted: ";
            case MOVING -> "ERR Slot moving: ";
            case DRAINING -> "ERR Queue moving: ";
            case OUTCOME_UNKNOWN -> "ERR outcome unknown: ";
            case CONNECTION_LOST -> "ERR Connection reset by peer: ";
            case TIMED_OUT -> "ERR Connection timed out: ";
            case OVERLOADED -> "ERR Server overloaded: ";
            case STALLED -> "ERR Server stalled: ";
            case PROTOCOL -> "ERR Protocol error: ";
            case INTERNAL -> "ERR Internal error of the proxy: ";
        };
    }

    static ByteBuf badRequest(ErrorKind kind, Request request) {
        Command command = request.command();
        return kind == ErrorKind.UNKNOWN_COMMAND || command == null
                ? reply(ErrorKind.UNKNOWN_COMMAND, unknown(request))
                : reply(kind, "'" + command.name() + "' command");
    }

    /** Redis' own words for what a user's rules do not allow. */
    static ByteBuf notPermitted(Command command, int verdict) {
        String noRun = "this user has no permissions to run the '" + command.name() + "' command";
        return switch (verdict) {
            case Verdict.COMMAND -> reply(ErrorKind.NOT_PERMITTED, noRun);
            case Verdict.SCRIPT -> reply(ErrorKind.NOT_PERMITTED, noRun + ": " + SCRIPT_HINT);
            case Verdict.CHANNEL ->
                reply(
                        ErrorKind.NOT_PERMITTED,
                        "this user has no permissions to access one of the channels used as arguments");
            case Verdict.SORT_BY -> malformed(SORT_BY);
            case Verdict.SORT_GET -> malformed(SORT_GET);
            default ->
                reply(
                        ErrorKind.NOT_PERMITTED,
                        "this user has no permissions to access one of the keys used as arguments");
        };
    }

    /** Redis' own words for arguments that do not say where the keys are. */
    static ByteBuf withoutKeys(Request request, int located) {
        return switch (located) {
            case KeyLocator.NOT_AN_INTEGER -> malformed("value is not an integer or out of range");
            case KeyLocator.TOO_MANY_KEYS -> malformed("Number of keys can't be greater than number of args");
            case KeyLocator.NEGATIVE_COUNT -> malformed("Number of keys can't be negative");
            case KeyLocator.UNBALANCED_STREAMS ->
                malformed("Unbalanced list of streams: for each stream key an ID must be specified.");
            case KeyLocator.WRONG_NUMBER_OF_ARGUMENTS -> badRequest(ErrorKind.WRONG_ARGUMENT_COUNT, request);
            case 0 -> malformed("a request without a key belongs to no server; name at least one key");
            default -> malformed("syntax error");
        };
    }

    private static ByteBuf malformed(String detail) {
        return reply(ErrorKind.MALFORMED, detail);
    }

    private static String unknown(Request request) {
        StringBuilder text = new StringBuilder("'").append(quoted(request, 0)).append("', with args beginning with: ");
        int room = MAX_QUOTED;
        for (int i = 1; i < request.count() && room > 0; i++) {
            String argument = quoted(request, i);
            text.append('\'').append(argument).append("' ");
            room -= argument.length() + 3; // the quotes count, else empty arguments would have no end
        }
        return text.toString();
    }

    private static String quoted(Request request, int argument) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(request.length(argument), MAX_QUOTED); i++) {
            byte value = request.byteAt(argument, i);
            text.append(value >= ' ' && value < 127 ? (char) value : '?');
        }
        return text.toString();
    }

    private static String oneLine(String text) {
        return text.replace('\r', ' ').replace('\n', ' ');
    }
}
