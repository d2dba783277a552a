package io.sluice.proxy.command;

/**
 * What a command does with a list that is used as a queue. It counts while the queue is on its way to another server: then
 * what came before is at one server, and what comes is at another.
 */
public enum QueueUse {
    /** Something that can be right only where all of the queue is in one place. */
    NONE,
    /** Adds elements, and makes the queue if there is none. */
    PUT,
    /** Takes elements off an end; nothing if there is none. */
    TAKE,
    /** Tells how many there are. */
    LENGTH,
    /** Asks whether there is any, or removes them all; tells how many keys that were. */
    WHOLE
}
