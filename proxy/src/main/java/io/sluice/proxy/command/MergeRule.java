package io.sluice.proxy.command;

/** How the replies of a command that was split by server become one reply again. */
public enum MergeRule {
    /** It is never split: all its keys must be on one server. */
    NONE,
    /** One value per key, in the order of the keys (MGET). */
    IN_KEY_ORDER,
    /** The sum of integers (DEL, EXISTS). */
    SUM,
    /** 1 if any of the integers is more than 0: of one key that may be at two servers (EXISTS). */
    ANY,
    /** OK if all say so, else the first error (MSET). */
    ALL_OK
}
