package io.sluice.proxy.dispatch;

import java.time.Duration;

/** Whether what the proxy serves by is known to be fresh, as slots in a handoff need it. Thread-safe; waits for nothing. */
public interface HandoffLease {

    /** How often it has begun anew. */
    long renewals();

    /**
     * Whether it is held now, and was without a gap since it had been renewed so often. While it is, every event loop
     * serves by a topology that is not older than the renewal.
     *
     * @param limit how long it lasts
     */
    boolean isHeldSince(long renewals, Duration limit);

    /** How long it lasts for slots that are in no handoff; zero for ever. The same as long as the process runs. */
    Duration steady();

    /** Of the topology that the process serves by. Never an older one than that of the last renewal. */
    long epoch();
}
