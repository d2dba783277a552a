package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.access.AccessHolder;
import io.sluice.proxy.access.AccessRules;
import io.sluice.proxy.access.User;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.SessionState;
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

    static final int NOTHING = -1;

    /** Longest argument of a command of ours; names, passwords and numbers are shorter. */
    private static final int MAX_ARGUMENT_BYTES = 64 << 10;

    private static final String NO_PASSWORD_NEEDED =
            "-ERR AUTH <password> called without any password configured for the default user. Are you sure your"
                    + " configuration is correct?\r\n";

    private final AccessHolder access;
    private final InstantSource clock;
    private final CommandReply commandReply;
    private final AccessReplies accessReplies;

    RespLocalCommands(
            AccessHolder access, InstantSource clock, CommandReply commandReply, AccessReplies accessReplies) {
        this.access = access;
        this.clock = clock;
        this.commandReply = commandReply;
        this.accessReplies = accessReplies;
    }

    /**
     * The argument that the reply repeats, or NOTHING. Such a reply is not made into a buffer of its own: arguments may
     * be as large as requests.
     */
    static int repeatedArgument(Command command, Request request) {
        boolean repeats = command.name().equals("echo") || (command.name().equals("ping") && request.count() == 2);
        return repeats ? 1 : NOTHING;
    }

    /** The reply, as a new heap buffer. */
    ByteBuf answer(Command command, Request request, SessionState session) {
        for (int i = 1; i < request.count(); i++) {
            if (request.length(i) > MAX_ARGUMENT_BYTES) {
                return RespErrors.reply(
                        ErrorKind.MALFORMED, "an argument is longer than " + MAX_ARGUMENT_BYTES + " bytes");
            }
        }
        return switch (command.name()) {
            case "ping" -> ping(request);
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
            case "acl|whoami", "acl|cat", "acl|users", "acl|list", "acl|getuser", "acl|dryrun" ->
                accessReplies.answer(command, request, session);
            default -> Unpooled.wrappedBuffer(commandReply.to(request));
        };
    }

    private static ByteBuf ping(Request request) {
        return request.count() == 1
                ? RespText.simple("PONG")
                : RespErrors.badRequest(ErrorKind.WRONG_ARGUMENT_COUNT, request);
    }

    private static ByteBuf quit(SessionState session) {
        session.closeAfterReplies();
        return RespText.simple("OK");
    }

    /**
     * {@code AUTH [user] password}. Where a pool has one password or none, as twemproxy's have, the texts are
     * twemproxy's.
     */
    private ByteBuf auth(Request request, SessionState session) {
        AccessRules rules = access.current();
        if (!rules.areConfigured() && rules.admitsStrangers()) {
            return RespText.ascii("-ERR Client sent AUTH, but no password is set\r\n");
        }
        if (request.count() > 3) {
            return RespText.ascii("-ERR syntax error\r\n");
        }
        boolean withUser = request.count() == 3;
        if (!withUser && rules.defaultUser().needsNoPassword()) {
            return RespText.ascii(NO_PASSWORD_NEEDED);
        }
        User user = withUser
                ? login(rules, AccessReplies.utf8(request, 1), request, 2, session)
                : login(rules, AccessRules.DEFAULT_USER, request, 1, session);
        if (user != null) {
            session.loggedIn(user);
            return RespText.simple("OK");
        }
        return RespText.ascii(withUser || rules.areConfigured() ? WRONG_PASS : "-ERR invalid password\r\n");
    }

    /** The user, or null after telling the session. A name that is nobody's may be a password, so it is not told. */
    private static @Nullable User login(
            AccessRules rules, String name, Request request, int passwordArgument, SessionState session) {
        byte[] given = new byte[request.length(passwordArgument)];
        request.copy(passwordArgument, given);
        User user = rules.login(name, given);
        if (user == null) {
            session.loginFailed(rules.user(name).map(User::name).orElse(""));
        }
        return user;
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
        AccessRules rules = access.current();
        boolean authenticated = session.isAuthenticated();
        User user = null;
        for (int i = 2; i < request.count(); ) {
            String option = request.text(i);
            if (option.equalsIgnoreCase("auth") && i + 2 < request.count()) {
                if (rules.areConfigured() || !rules.admitsStrangers()) {
                    user = login(rules, AccessReplies.utf8(request, i + 1), request, i + 2, session);
                    if (user == null) {
                        return RespText.ascii(WRONG_PASS);
                    }
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
        if (user != null) {
            session.loggedIn(user);
        }
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
