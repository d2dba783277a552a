package io.sluice.manager.migration.engine;

import io.sluice.routing.topology.ServerAddress;

/**
 * A connection of a mover, by what {@code CLIENT KILL ID} needs to end it.
 *
 * @param node where it leads
 * @param runId which run of that server: client ids begin again with each
 * @param clientId what the server calls it
 * @param purpose what it is for
 */
public record MaintenanceConnection(ServerAddress node, String runId, long clientId, Purpose purpose) {

    public enum Purpose {
        /** Writes keys on the target. */
        COPY,
        /** Deletes keys: before a copy on the target, after a switch on the source. */
        PURGE,
        /** Makes a server a replica, or a master again. */
        REPLICATION,
        /** Only reads. */
        READ
    }
}
