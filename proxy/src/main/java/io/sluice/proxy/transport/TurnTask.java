package io.sluice.proxy.transport;

/** Something to be done once at the end of an event-loop turn. */
public interface TurnTask {

    /** Does it. May add tasks to the same turn, itself included. */
    void endTurn();
}
