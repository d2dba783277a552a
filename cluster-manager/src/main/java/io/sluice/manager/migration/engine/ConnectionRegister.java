package io.sluice.manager.migration.engine;

/**
 * Where connections are written down before they are used, so that whoever takes over can end them first. A mover
 * announces each connection before it sends anything that changes data.
 */
@FunctionalInterface
public interface ConnectionRegister {

    /**
     * Writes it down. False if that could not be done, because this manager does not lead any more: the mover then closes
     * the connection unused and stops. Called by the mover's threads; may block.
     */
    boolean announce(MaintenanceConnection connection);
}
