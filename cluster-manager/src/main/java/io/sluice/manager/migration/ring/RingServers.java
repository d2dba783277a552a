package io.sluice.manager.migration.ring;

import java.util.List;

/** What the manager does at the servers of a ring that changes. All of it blocks, and ends soon after {@link #close}. */
interface RingServers extends AutoCloseable {

    /**
     * What servers have of keys that change their owner.
     *
     * @param queues on their old owners
     * @param others keys on their old owners that are no lists
     * @param early keys on their new owners
     * @param example one of the others and the early ones in words, its name left out; empty if there is none
     */
    record Holdings(long queues, long others, long early, String example) {}

    /** Takes the keys that will come to a server off it, and returns how many there were; none are left. */
    long sweep() throws RingServerException;

    /** Looks at all keys of all servers. */
    Holdings holdings() throws RingServerException;

    /** Old servers that do not answer, with the reason. */
    List<String> silentOldServers();

    /** Whatever is under way ends with a failure. */
    @Override
    void close();
}
