package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which server's stream is read: that of a replica that keeps up, so that the fork is not the master's; else the master's. */
final class StreamSource {

    private static final Logger log = LoggerFactory.getLogger(StreamSource.class);

    /** A replica that is behind by more is passed over. */
    private static final long MOST_LAG_BYTES = 1 << 20;

    private StreamSource() {}

    static RedisLink choose(CopyRun run, RedisLink master) throws CopyException {
        InfoText history = master.info("replication");
        for (RedisEndpoint replica : run.plan().sourceReplicas()) {
            try {
                RedisLink link = run.link(replica, Purpose.READ);
                if (keepsUp(link.info("replication"), history)) {
                    return link;
                }
            } catch (CopyException e) {
                run.pace().checkRunning();
                log.info("Replica passed over: server={} reason={}", replica, e.getMessage());
            }
        }
        return master;
    }

    static boolean keepsUp(InfoText replica, InfoText master) {
        long behind = master.number("master_repl_offset").orElse(0)
                - replica.number("slave_repl_offset").orElse(-1);
        return replica.text("role").equals("slave")
                && replica.text("master_link_status").equals("up")
                && replica.text("master_replid").equals(master.text("master_replid"))
                && behind < MOST_LAG_BYTES;
    }
}
