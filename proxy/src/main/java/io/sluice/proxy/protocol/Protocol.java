package io.sluice.proxy.protocol;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.access.Verdict;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.transport.OutBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One wire protocol: its decoders, how it splits and merges, its words for errors. Immutable; one object per pool,
 * shared by all event loops.
 */
public interface Protocol {

    /** No bytes at all. */
    byte[] NOTHING = {};

    RequestDecoder newRequestDecoder();

    ReplyDecoder newReplyDecoder();

    /** Makes one request of several, on each connection for requests; null where that is not done. */
    default RequestJoiner.@Nullable Factory joiners() {
        return null;
    }

    /** Whether it asks servers what no client can ask, so that {@link ReplyDecoder#isForProxy} says something. */
    default boolean asksForItself() {
        return false;
    }

    /** What is said to each new server connection. */
    Handshake handshake();

    /** What asks a server for its role, behind the {@link #handshake()}; it brings one reply. Empty if none is asked. */
    default byte[] roleQuestion() {
        return NOTHING;
    }

    /** The role that a reply to {@link #roleQuestion()} tells. */
    default ServerRole roleIn(ByteBuf source, int offset, int length) {
        return ServerRole.UNKNOWN;
    }

    /** Whether an error reply says that the server takes no writes, since it is a replica. */
    default boolean saysServerIsReplica(ByteBuf source, int offset, int length) {
        return false;
    }

    /** The state of a client that has just connected. {@code id} is unique in this process. */
    SessionState newSession(long id);

    /** The state of a client of another process, as {@link SessionState#carried()} tells it; throws if it does not. */
    SessionState restoredSession(long id, String carried);

    /** The rules for users have changed: brings a client up to date. Returns whether it may stay. */
    boolean applyRules(SessionState session);

    /** The request that asks a server, after the {@link #handshake()}, whether it serves; it brings one reply. */
    byte[] probe();

    /** Whether a client that has not authenticated may send this. */
    boolean allowedUnauthenticated(Request request);

    /** Answers a command that no server is asked about. */
    void answerLocally(Request request, SessionState session, ReplySink sink);

    /** An error reply; {@code detail} says what was found or waited for. The caller borrows it for one use. */
    ByteBuf error(ErrorKind kind, String detail);

    /** The error reply to a request that the table does not know, or has with another number of arguments. */
    ByteBuf badRequest(ErrorKind kind, Request request);

    /** The error reply to a request that its user may not send; {@code verdict} is {@link Verdict}'s. */
    ByteBuf notPermitted(Command command, int verdict);

    /**
     * The error reply to a request whose arguments do not say which keys it is about.
     *
     * @param located what {@link io.sluice.proxy.command.KeyLocator#locate} returned: a negative code, or 0 for no key
     */
    ByteBuf withoutKeys(Request request, int located);

    /** Whether a reply that begins at {@code offset} is an error. */
    boolean isError(ByteBuf source, int offset);

    /** Whether an error reply says that the server, not the request, is in trouble. */
    boolean saysServerInTrouble(ByteBuf source, int offset, int length);

    /** Whether it is in such trouble that it serves nothing, not even reads. */
    boolean saysServerServesNothing(ByteBuf source, int offset, int length);

    /**
     * Appends a write so that what it leaves behind expires, at the latest, after {@code timeToLive}; the client's own
     * wish counts if it is shorter.
     *
     * @return false, and nothing is appended, for a request of which that cannot be had
     */
    boolean appendExpiring(Request request, Duration timeToLive, OutBuffer out);

    /**
     * Appends the part of a split request that one server gets.
     *
     * @param keyArguments argument indexes of keys, of which those from {@code from} to before {@code to} are this part's
     */
    void appendPart(Request request, int[] keyArguments, int from, int to, OutBuffer out);

    /** What is said where a command of the table has a {@link io.sluice.proxy.command.SessionStep}; of others nobody asks. */
    default SessionWords sessionWords() {
        throw new IllegalStateException("no command of this protocol begins anything");
    }

    /** The same for commands that ask for messages. */
    default PubSubWords pubSubWords() {
        throw new IllegalStateException("no command of this protocol asks for messages");
    }

    /** What servers are told while keys of a cache go from one of them to another; null where that is not done. */
    default @Nullable CacheWords cacheWords() {
        return null;
    }

    /** How the replies to the parts of this request become one; borrows the request for the call. */
    PartMerge mergeOf(MergeRule rule, Request request);
}
