package io.sluice.proxy.topology;

import io.sluice.routing.cluster.Freezes;
import io.sluice.routing.cluster.OverdueFreezes;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ConfigException;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.apache.zookeeper.KeeperException.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends freezes that nobody ends, when no manager is left to do it. A proxy thaws because ZooKeeper has accepted that, never
 * by itself: what is written is compared with what was read, and changes nothing but FREEZE to COPY. Used by one thread,
 * which does not block.
 */
final class FreezeWatch {

    private static final Logger log = LoggerFactory.getLogger(FreezeWatch.class);

    /** Between this share and all of the time that a freeze may last, another one in each proxy: not all write at once. */
    private static final double SOONEST = 0.8;

    /** How the topology is written. */
    interface Writer {

        /** Sends it if its node still has this version; {@code done} is told, from any thread. */
        void write(byte[] document, int version, Consumer<Code> done) throws Exception;
    }

    private final String path;
    private final Writer writer;
    private final LongSupplier nanos;
    private final OverdueFreezes freezes;
    private volatile boolean forbidden;

    /** @param nanos a clock */
    FreezeWatch(ZnodePaths paths, Writer writer, LongSupplier nanos, RandomGenerator random) {
        this.path = paths.topology();
        this.writer = writer;
        this.nanos = nanos;
        this.freezes = new OverdueFreezes(OverdueFreezes.BUDGETS * (SOONEST + (1 - SOONEST) * random.nextDouble()));
    }

    /**
     * Looks at what is served by, and ends what lasts too long. To be called often while slots are on their way.
     *
     * @param document as it stands in ZooKeeper now, in this version of its node
     */
    void look(Topology served, byte[] document, int version) {
        Set<String> overdue = freezes.overdue(served, nanos.getAsLong());
        if (overdue.isEmpty() || forbidden) {
            return;
        }
        try {
            Topology read = TopologyDocument.parse(path, document);
            Topology ended = Freezes.ended(read, overdue);
            if (read.epoch() == served.epoch() && !ended.equals(read)) {
                byte[] next = TopologyDocument.bytes(ended.at(read.epoch() + 1, read.term()));
                writer.write(next, version, code -> onWritten(code, overdue));
            }
        } catch (ConfigException e) {
            log.debug("The topology cannot be read, nor its freezes be ended: path={}", path);
        } catch (Exception e) {
            log.debug("Tries again soon to end freezes: handoffs={}", overdue, e);
        }
    }

    private void onWritten(Code code, Set<String> handoffs) {
        switch (code) {
            case OK -> log.warn("Ended freezes that no manager has ended: handoffs={}", handoffs);
            case NOAUTH -> {
                forbidden = true;
                log.warn(
                        "May not write the topology, so only managers can end freezes that last too long: path={}",
                        path);
            }
            default -> log.debug("Somebody else was quicker, or ZooKeeper is away: code={}", code);
        }
    }
}
