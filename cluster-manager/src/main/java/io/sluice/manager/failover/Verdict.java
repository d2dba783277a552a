package io.sluice.manager.failover;

import io.sluice.routing.topology.ServerAddress;

/** What is to be done about the primary of a shard. */
sealed interface Verdict {

    /** All is as the topology says. */
    Verdict FINE = new Stay("");

    /**
     * Nothing.
     *
     * @param note what people should look at; empty if all is well
     */
    record Stay(String note) implements Verdict {}

    /**
     * Another server is the primary.
     *
     * @param why in words for the log
     */
    record Follow(ServerAddress to, String why) implements Verdict {}
}
