package io.sluice.proxy.protocol;

/** Why the proxy itself answers with an error. Each protocol has its own words for them. */
public enum ErrorKind {
    /** The command table has no such command. */
    UNKNOWN_COMMAND,
    /** Too few or too many arguments. */
    WRONG_ARGUMENT_COUNT,
    /** The arguments do not say where the keys are. */
    MALFORMED,
    /** It is larger than requests may be. */
    TOO_LARGE,
    /** The command is known and not served. */
    REFUSED,
    /** The client must authenticate first. */
    NOT_AUTHENTICATED,
    /** The rules of the client's user do not allow it. */
    NOT_PERMITTED,
    /** The keys lie on different servers and the command cannot be split. */
    CROSS_SERVER,
    /** All servers of the pool, or the only owner of the key, are ejected. */
    NO_SERVER,
    /** No connection to the server came about. */
    UNREACHABLE,
    /** The server is a replica now, and the primary of its keys is not known yet; the request was not sent. */
    DEMOTED,
    /** The key's slot is on its way to another server, and took too long; the request was not sent. */
    MOVING,
    /** The key's queue is on its way to another server, and this cannot be carried out at both; the request was not sent. */
    DRAINING,
    /** The key's slot may have gone to another server before the request was executed; a write may be in vain. */
    OUTCOME_UNKNOWN,
    /** The connection closed before the reply came; the request may have been executed. */
    CONNECTION_LOST,
    /** The deadline passed; the request may have been executed. */
    TIMED_OUT,
    /** A bound of the proxy's own is reached. */
    OVERLOADED,
    /** Too much waits for the server, and it takes none of it; the request was not sent. */
    STALLED,
    /** What a client waited for was ended by the proxy before anything came. */
    UNBLOCKED,
    /** Somebody asked for errors, to see what becomes of them. */
    INJECTED,
    /** The bytes of the client do not follow the protocol. */
    PROTOCOL,
    /** A bug of ours. */
    INTERNAL
}
