package io.sluice.manager.store;

import java.util.List;
import java.util.Optional;

/**
 * Connections that write to servers on behalf of a handoff, written down before they write anything: whoever takes over
 * ends them first, so that nothing they sent can be executed later. May be used from any thread; blocks.
 */
public interface ConnectionBook {

    /**
     * One connection.
     *
     * @param server where it leads, {@code host:port}
     * @param runId of that run of the server: after a restart the connection is gone by itself
     * @param clientId as {@code CLIENT ID} says
     * @param purpose for people: copy, purge, cleanup
     */
    record Entry(String server, String runId, long clientId, String purpose) {}

    /**
     * What the connections of a handoff bring where. Whoever finds a page of a handoff that is gone learns from it where keys
     * may lie that belong elsewhere.
     *
     * @param slots as their pool writes them
     */
    record Cargo(String pool, String slots, String from, String to) {}

    /** Begins a page with this, if this manager leads and there is no page yet. Before the first connection. */
    void open(String handoff, Cargo cargo) throws StoreException;

    /** What a page began with; empty if there is no such page, or if it began with nothing. */
    Optional<Cargo> cargo(String handoff) throws StoreException;

    /** Writes it down, if this manager leads. Only when this has returned may the connection write anything. */
    void announce(String handoff, Entry entry) throws StoreException;

    /** All that were written down and not forgotten, whoever led then. */
    List<Entry> of(String handoff) throws StoreException;

    /** The handoffs that have pages, whether they are under way or not. */
    List<String> handoffs() throws StoreException;

    /** They are known to be dead: forgets these, if this manager leads. */
    void forget(String handoff, List<Entry> dead) throws StoreException;

    /** Forgets the handoff as a whole, if this manager leads. */
    void close(String handoff) throws StoreException;

    /**
     * Forgets the handoff, if this manager leads and no connection is written down for it; one that is announced meanwhile
     * stays.
     */
    void closeEmpty(String handoff) throws StoreException;
}
