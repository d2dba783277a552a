package io.sluice.manager.migration.ring;

import io.sluice.routing.topology.ServerAddress;
import java.util.Optional;

/** What the manager does at the servers of a ring that changes. All of it blocks, and ends soon after {@link #close}. */
interface RingServers extends AutoCloseable {

    /** A server that does not answer; why, with its name. */
    record Silent(ServerAddress server, String reason) {}

    /** Takes the keys that will come to a server off it, and returns how many there were; none are left. */
    long sweep() throws RingServerException;

    /** Looks at all keys of all servers that may be of this pool. */
    Holdings holdings() throws RingServerException;

    /**
     * The first server that gives keys away and does not answer within {@link RingRules#probeLimit}; those behind it are not
     * asked then, so this takes little longer than that limit.
     */
    Optional<Silent> silentGiver();

    /** Whatever is under way ends with a failure. */
    @Override
    void close();
}
