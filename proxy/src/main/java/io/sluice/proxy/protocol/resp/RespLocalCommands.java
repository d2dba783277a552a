package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.SessionState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the proxy answers itself. Texts are those of Redis 7.0, or of twemproxy where its users may know them.
 * Immutable.
 */
final class RespLocalCommands {

    /** What HELLO says we are: clients derive from it what they may send. */
    private static final String SERVED_VERSION = "7.0.15";

    /** Longest client name; Redis has no bound of its own. */
    static final int MAX_NAME_BYTES = 1024;

    private static final String WRONG_PASS = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

    private final byte @Nullable [] password;
    private final InstantSource clock;
    private final CommandReply commandReply;

    RespLocalCommands(@Nullable String password, InstantSource clock, CommandReply commandReply) {
        this.password = password == null ? null : password.getBytes(StandardCharsets.UTF_8);
        this.clock = clock;
        this.commandReply = commandReply;
    }

    /** The reply, as a new heap buffer. */
    ByteBuf answer(Command command, Request request, SessionState session) {
        return switch (command.name()) {
            case "ping" -> ping(request);
            case "echo" -> RespText.bulk(request.text(1));
            case "quit" -> quit(session);
            case "auth" -> auth(request, session);
            case "select" -> select(request);
            case "hello" -> hello(request, session);
            case "time" -> time();
            case "client|setname" -> setName(request.text(2), session);
            case "client|getname" ->
                session.clientName().isEmpty() ? RespText.nil() : RespText.bulk(session.clientName());
            case "client|id" -> RespText.integer(session.id());
            case "client|setinfo" -> setInfo(request);
            default -> Unpooled.wrappedBuffer(commandReply.to(request));
        };
    }

    private static ByteBuf ping(Request request) {
        return switch (request.count()) {
            case 1 -> RespText.simple("PONG");
            case 2 -> RespText.bulk(request.text(1));
            default -> RespErrors.badRequest(ErrorKind.WRONG_ARGUMENT_COUNT, request);
        };
    }

    private static ByteBuf quit(SessionState session) {
        session.closeAfterReplies();
        return RespText.simple("OK");
    }

    private ByteBuf auth(Request request, SessionState session) {
        if (password == null) {
            return RespText.ascii("-ERR Client sent AUTH, but no password is set\r\n");
        }
        if (request.count() > 3) {
            return RespText.ascii("-ERR syntax error\r\n");
        }
        boolean withUser = request.count() == 3;
        boolean matches = withUser ? isDefaultUser(request, 1) && isPassword(request, 2) : isPassword(request, 1);
        if (matches) {
            session.setAuthenticated(true);
            return RespText.simple("OK");
        }
        return RespText.ascii(withUser ? WRONG_PASS : "-ERR invalid password\r\n");
    }

    private static boolean isDefaultUser(Request request, int argument) {
        return request.text(argument).equals("default");
    }

    private boolean isPassword(Request request, int argument) {
        byte[] given = new byte[request.length(argument)];
        request.copy(argument, given);
        return password != null && MessageDigest.isEqual(given, password); // takes the same time wherever they differ
    }

    private static ByteBuf select(Request request) {
        String database = request.text(1);
        if (database.equals("0")) {
            return RespText.simple("OK");
        }
        return database.matches("-?\\d{1,18}")
                ? RespText.ascii("-ERR SELECT " + database
                        + " refused: clients of this proxy use database 0; redis_db names the servers' database\r\n")
                : RespText.ascii("-ERR value is not an integer or out of range\r\n");
    }

    /** {@code HELLO [2 [AUTH user password] [SETNAME name]]}. */
    private ByteBuf hello(Request request, SessionState session) {
        if (request.count() > 1 && !request.text(1).equals("2")) {
            return request.text(1).matches("\\d{1,18}")
                    ? RespText.ascii("-NOPROTO unsupported protocol version\r\n")
                    : RespText.ascii("-ERR Protocol version is not an integer or out of range\r\n");
        }
        String name = null;
        boolean authenticated = session.isAuthenticated();
        for (int i = 2; i < request.count(); ) {
            String option = request.text(i);
            if (option.equalsIgnoreCase("auth") && i + 2 < request.count()) {
                if (password != null && !(isDefaultUser(request, i + 1) && isPassword(request, i + 2))) {
                    return RespText.ascii(WRONG_PASS);
                }
                authenticated = true;
                i += 3;
            } else if (option.equalsIgnoreCase("setname") && i + 1 < request.count()) {
                name = request.text(i + 1);
                i += 2;
            } else {
                return RespText.ascii("-ERR Syntax error in HELLO option '" + printable(option) + "'\r\n");
            }
        }
        if (!authenticated) {
            return RespText.ascii("-NOAUTH HELLO must be called with the client already authenticated, otherwise the"
                    + " HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the"
                    + " RESP protocol version at the same time\r\n");
        }
        ByteBuf problem = name == null ? null : problemOf(name);
        if (problem != null) {
            return problem;
        }
        session.setAuthenticated(true);
        if (name != null) {
            session.setClientName(name);
        }
        return RespText.ascii(
                "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$" + SERVED_VERSION.length() + "\r\n"
                        + SERVED_VERSION + "\r\n$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:" + session.id()
                        + "\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n");
    }

    private ByteBuf time() {
        Instant now = clock.instant();
        String seconds = Long.toString(now.getEpochSecond());
        String micros = Integer.toString(now.getNano() / 1000);
        return RespText.ascii(
                "*2\r\n$" + seconds.length() + "\r\n" + seconds + "\r\n$" + micros.length() + "\r\n" + micros + "\r\n");
    }

    private static ByteBuf setName(String name, SessionState session) {
        ByteBuf problem = problemOf(name);
        if (problem != null) {
            return problem;
        }
        session.setClientName(name);
        return RespText.simple("OK");
    }

    private static @Nullable ByteBuf problemOf(String name) {
        if (name.length() > MAX_NAME_BYTES) {
            return RespText.ascii("-ERR Client names cannot be longer than " + MAX_NAME_BYTES + " bytes.\r\n");
        }
        return isValidName(name)
                ? null
                : RespText.ascii("-ERR Client names cannot contain spaces, newlines or special characters.\r\n");
    }

    private static boolean isValidName(String name) {
        return name.chars().allMatch(c -> c > ' ' && c < 127);
    }

    private static ByteBuf setInfo(Request request) {
        String attribute = request.text(2).toLowerCase(Locale.ROOT);
        if (!attribute.equals("lib-name") && !attribute.equals("lib-ver")) {
            return RespText.ascii("-ERR Unrecognized option '" + printable(attribute) + "'\r\n");
        }
        if (!isValidName(request.text(3))) {
            return RespText.ascii("-ERR " + attribute + " cannot contain spaces, newlines or special characters.\r\n");
        }
        return RespText.simple("OK");
    }

    private static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        text.chars().limit(128).forEach(c -> shown.append(c >= ' ' && c < 127 ? (char) c : '?'));
        return shown.toString();
    }
}
