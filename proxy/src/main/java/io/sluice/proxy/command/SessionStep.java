package io.sluice.proxy.command;

/** What a command means for what its client has begun, or asks for, beyond one request. */
public enum SessionStep {
    /** Nothing: it stands for itself. */
    NONE,
    /** Any server could answer it as well, so it may be part of a transaction though it has no key. */
    ON_ANY_SERVER,
    /** It is carried out at once, whatever has been begun. */
    AT_ONCE,
    /** Begins a transaction: what follows is kept until it ends. */
    BEGIN,
    /** Has the transaction carried out. */
    COMMIT,
    /** Ends the transaction, of which nothing is carried out. */
    DISCARD,
    /** The next transaction is to be carried out only if these keys stay as they are. */
    WATCH,
    /** They may change after all. */
    UNWATCH,
    /** Brings the text of a script. */
    SCRIPT,
    /** Names a script by its digest, which a server may not know. */
    SCRIPT_BY_DIGEST,
    /** Brings the text of a script to be run later. */
    LOAD_SCRIPT,
    /** All scripts are to be forgotten, by every server. */
    FORGET_SCRIPTS,
    /** The server may make its client wait for data. */
    WAIT,
    /** Asks for messages of channels, or of channels that match patterns. */
    SUBSCRIBE,
    /** Asks for no more of them. */
    UNSUBSCRIBE,
    /** A message for those who have asked for them. */
    PUBLISH;

    /** Whether a request is sent on for it at once, as without a session. */
    public boolean isForwarded() {
        return this == SCRIPT || this == SCRIPT_BY_DIGEST || this == PUBLISH;
    }
}
