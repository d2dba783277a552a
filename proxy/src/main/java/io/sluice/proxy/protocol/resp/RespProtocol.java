package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.access.AccessHolder;
import io.sluice.proxy.access.AccessRules;
import io.sluice.proxy.access.ServerLogin;
import io.sluice.proxy.access.User;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.Handling;
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
import io.sluice.proxy.protocol.ServerRole;
import io.sluice.proxy.protocol.SessionState;
import io.sluice.proxy.protocol.SessionWords;
import io.sluice.proxy.transport.OutBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The Redis protocol: RESP2 and inline commands. */
public final class RespProtocol implements Protocol {

    /** Error replies that tell of the server's state, not of the request. */
    private static final byte[][] SERVER_IN_TROUBLE = {
        ascii("-LOADING"), ascii("-OOM"), ascii("-BUSY "), ascii("-MASTERDOWN"), ascii("-MISCONF")
    };

    private static final byte[] READ_ONLY = ascii("-READONLY ");

    /** How the replies of a primary and of a replica to ROLE begin. */
    private static final byte[] PRIMARY = ascii("*3\r\n$6\r\nmaster\r\n");

    private static final byte[] REPLICA = ascii("*5\r\n$5\r\nslave\r\n");

    /** Those of them that reads get as well. */
    private static final byte[][] SERVES_NOTHING = {ascii("-LOADING"), ascii("-BUSY "), ascii("-MASTERDOWN")};

    private final RespLimits limits;
    private final AccessHolder access;
    private final @Nullable ServerLogin login;
    private final int database;
    private final boolean asksRole;
    private final RespLocalCommands localCommands;
    private final ScriptCache scripts = new ScriptCache(ScriptCache.MOST_SCRIPTS, ScriptCache.MOST_BYTES);
    private final PubSubWords pubSubWords = new RespPubSubWords();
    private final SessionWords sessionWords = new RespSessionWords(scripts);

    /**
     * @param access who may do what
     * @param login who the proxy is to servers; null if they do not ask
     * @param database what servers are asked to SELECT; 0 is not asked for
     * @param asksRole whether servers are asked for their role
     */
    public RespProtocol(
            RespLimits limits,
            AccessHolder access,
            @Nullable ServerLogin login,
            int database,
            boolean asksRole,
            InstantSource clock) {
        this.limits = limits;
        this.access = access;
        this.login = login;
        this.database = database;
        this.asksRole = asksRole;
        this.localCommands = new RespLocalCommands(
                access, clock, new CommandReply(RedisCommands.TABLE), new AccessReplies(access, RedisCommands.GROUPS));
    }

    /** With one {@code password} for clients and servers, or none. */
    public RespProtocol(RespLimits limits, @Nullable String password, int database, InstantSource clock) {
        this(
                limits,
                new AccessHolder(RedisCommands.accessBy(password)),
                password == null ? null : new ServerLogin(null, password),
                database,
                false,
                clock);
    }

    @Override
    public RequestDecoder newRequestDecoder() {
        return new RespRequestDecoder(RedisCommands.TABLE, limits);
    }

    @Override
    public ReplyDecoder newReplyDecoder() {
        return new RespReplyDecoder();
    }

    @Override
    public Handshake handshake() {
        StringBuilder requests = new StringBuilder();
        int replies = 0;
        if (login != null) {
            append(
                    requests,
                    login.user() == null
                            ? List.of("AUTH", login.password())
                            : List.of("AUTH", login.user(), login.password()));
            replies++;
        }
        if (database != 0) {
            append(requests, List.of("SELECT", Integer.toString(database)));
            replies++;
        }
        return new Handshake(requests.toString().getBytes(StandardCharsets.UTF_8), replies);
    }

    @Override
    public byte[] roleQuestion() {
        return asksRole ? ascii("*1\r\n$4\r\nROLE\r\n") : NOTHING;
    }

    @Override
    public ServerRole roleIn(ByteBuf source, int offset, int length) {
        if (startsWith(source, offset, length, PRIMARY)) {
            return ServerRole.PRIMARY;
        }
        return startsWith(source, offset, length, REPLICA) ? ServerRole.REPLICA : ServerRole.UNKNOWN;
    }

    @Override
    public boolean saysServerIsReplica(ByteBuf source, int offset, int length) {
        return startsWith(source, offset, length, READ_ONLY);
    }

    private static void append(StringBuilder requests, List<String> words) {
        requests.append('*').append(words.size()).append("\r\n");
        for (String word : words) {
            int bytes = word.getBytes(StandardCharsets.UTF_8).length;
            requests.append('$').append(bytes).append("\r\n").append(word).append("\r\n");
        }
    }

    @Override
    public SessionState newSession(long id) {
        AccessRules rules = access.current();
        SessionState session = new SessionState(id, rules.admitsStrangers());
        session.become(rules.defaultUser());
        return session;
    }

    /** A client whose user is not known here goes: as somebody else it might be allowed more than it was. */
    @Override
    public SessionState restoredSession(long id, String carried) {
        AccessRules rules = access.current();
        SessionState session = SessionState.restored(id, carried);
        Optional<User> user = rules.user(session.carriedUser());
        session.become(user.orElse(rules.defaultUser()));
        session.setAuthenticated(user.isPresent() && (rules.admitsStrangers() || session.isAuthenticated()));
        if (user.isEmpty()) {
            session.closeAfterReplies();
        }
        return session;
    }

    /** Whoever has logged in stays so. Whoever has not may go on as the default user, if that needs no password now. */
    @Override
    public boolean applyRules(SessionState session) {
        AccessRules rules = access.current();
        User before = session.user();
        Optional<User> now = rules.user(before == null ? AccessRules.DEFAULT_USER : before.name());
        now.ifPresent(session::become);
        if (rules.admitsStrangers()) {
            session.setAuthenticated(true);
        }
        return now.isPresent();
    }

    @Override
    public byte[] probe() {
        return ascii("*1\r\n$4\r\nPING\r\n");
    }

    @Override
    public boolean allowedUnauthenticated(Request request) {
        Command command = request.command();
        return command != null && command.isForEverybody() && command.handling() == Handling.LOCAL;
    }

    @Override
    public void answerLocally(Request request, SessionState session, ReplySink sink) {
        Command command = request.command();
        if (command == null) {
            whole(RespErrors.badRequest(ErrorKind.UNKNOWN_COMMAND, request), sink);
            return;
        }
        if (command.name().equals("script|exists")) {
            whole(scripts.exist(request), sink);
            return;
        }
        int repeated = RespLocalCommands.repeatedArgument(command, request);
        if (repeated == RespLocalCommands.NOTHING) {
            whole(localCommands.answer(command, request, session), sink);
        } else {
            repeat(request, repeated, sink);
        }
    }

    private static void repeat(Request request, int argument, ReplySink sink) {
        ByteBuf header = RespText.ascii("$" + request.length(argument) + "\r\n");
        sink.onReply(header, 0, header.readableBytes(), false);
        sink.onReply(request.buffer(), request.index(argument), request.length(argument) + 2, true); // with its CRLF
    }

    private static void whole(ByteBuf reply, ReplySink sink) {
        sink.onReply(reply, 0, reply.readableBytes(), true);
    }

    @Override
    public ByteBuf error(ErrorKind kind, String detail) {
        return RespErrors.reply(kind, detail);
    }

    @Override
    public ByteBuf badRequest(ErrorKind kind, Request request) {
        return RespErrors.badRequest(kind, request);
    }

    @Override
    public ByteBuf notPermitted(Command command, int verdict) {
        return RespErrors.notPermitted(command, verdict);
    }

    @Override
    public ByteBuf withoutKeys(Request request, int located) {
        return RespErrors.withoutKeys(request, located);
    }

    @Override
    public boolean isError(ByteBuf source, int offset) {
        return source.getByte(offset) == '-';
    }

    @Override
    public boolean saysServerInTrouble(ByteBuf source, int offset, int length) {
        return startsWithAny(SERVER_IN_TROUBLE, source, offset, length);
    }

    @Override
    public boolean saysServerServesNothing(ByteBuf source, int offset, int length) {
        return startsWithAny(SERVES_NOTHING, source, offset, length);
    }

    private static boolean startsWithAny(byte[][] openings, ByteBuf source, int offset, int length) {
        for (byte[] opening : openings) {
            if (startsWith(source, offset, length, opening)) {
                return true;
            }
        }
        return false;
    }

    private static boolean startsWith(ByteBuf source, int offset, int length, byte[] opening) {
        if (length < opening.length) {
            return false;
        }
        for (int i = 0; i < opening.length; i++) {
            if (source.getByte(offset + i) != opening[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public boolean appendExpiring(Request request, Duration timeToLive, OutBuffer out) {
        return RespExpiring.append(request, timeToLive, out);
    }

    @Override
    public void appendPart(Request request, int[] keyArguments, int from, int to, OutBuffer out) {
        RespMerge.appendPart(request, keyArguments, from, to, out);
    }

    @Override
    public SessionWords sessionWords() {
        return sessionWords;
    }

    @Override
    public PubSubWords pubSubWords() {
        return pubSubWords;
    }

    @Override
    public PartMerge mergeOf(MergeRule rule, Request request) {
        return (replies, sink) -> RespMerge.merge(rule, replies, sink);
    }
}
