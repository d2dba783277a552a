package io.sluice.proxy.admission;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How many clients a pool takes, and what they may do together. 0 stands for no limit.
 *
 * @param maxClients connected at a time
 * @param maxClientsPerAddress the same of one IP address; those of unix sockets have none and are not counted
 * @param acceptRate new clients per second and listener, on the average
 * @param acceptBurst new clients at once, if few came before
 * @param maxInFlight requests of all clients that await replies of servers
 * @param idleTimeout how long a client that waits for nothing may be silent; null for ever
 */
public record AdmissionRule(
        int maxClients,
        int maxClientsPerAddress,
        int acceptRate,
        int acceptBurst,
        int maxInFlight,
        @Nullable Duration idleTimeout) {

    public static final AdmissionRule NO_LIMIT = new AdmissionRule(0, 0, 0, 0, 0, null);
}
