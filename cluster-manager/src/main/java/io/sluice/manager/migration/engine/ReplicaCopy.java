package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.time.Duration;
import redis.clients.jedis.Protocol.Command;

/**
 * Engine R: the empty target becomes a replica of the source, and a master again when it has everything. Nothing passes
 * through the manager, so limits do not apply and there is no pause. All keys come over, whatever the filter says: after a
 * split of a shard both sides take away what is not theirs with {@link Cleanup}. To go on after a drain costs a whole
 * synchronisation: a promoted target has a history of its own.
 */
final class ReplicaCopy extends EngineCopy {

    private static final byte[] SET = RedisLink.ascii("SET");
    private static final long LOOK_MILLIS = 20;
    private static final long DRAIN_LOOK_MILLIS = 1;

    /** A drain takes a moment when the target is behind by less. */
    static final long LITTLE_LAG = 64 << 10;

    /** A link that is down for longer, without a synchronisation under way, does not come up by itself. */
    private static final Duration LINK_PATIENCE = Duration.ofSeconds(30);

    private volatile boolean caughtUp;
    private volatile boolean attached;
    private long linkDownSince = System.nanoTime();

    ReplicaCopy(CopyPlan plan) {
        super(EngineKind.REPLICA, plan);
    }

    @Override
    void copy() throws CopyException {
        RedisLink source = run.link(run.plan().source(), Purpose.READ);
        RedisLink target = run.link(run.plan().target(), Purpose.REPLICATION);
        Watchers.reject(source, target);
        run.to(CopyState.PURGING);
        new KeyPurge(target, run.plan().moving(), run.pace()).run(); // what an earlier attempt brought
        long keys = target.info("keyspace").keys();
        if (keys > 0) {
            throw new CopyException(
                    Kind.TARGET_CHANGED,
                    target.endpoint() + " holds " + keys
                            + " keys; a target that becomes a replica loses them: empty it first");
        }
        while (true) {
            attach(target);
            follow(source, target);
        }
    }

    private void attach(RedisLink target) throws CopyException {
        RedisEndpoint source = run.plan().source();
        run.to(CopyState.COPYING);
        if (!source.password().isEmpty()) {
            target.call(Command.CONFIG, SET, RedisLink.ascii("masteruser"), RedisLink.ascii(source.user()));
            target.call(Command.CONFIG, SET, RedisLink.ascii("masterauth"), RedisLink.ascii(source.password()));
        }
        attached = true;
        target.call(
                Command.REPLICAOF,
                RedisLink.ascii(source.address().hostOrPath()),
                RedisLink.ascii(source.address().port()));
        linkDownSince = System.nanoTime();
    }

    /** Returns when the target was drained and a drain was given up afterwards. */
    private void follow(RedisLink source, RedisLink target) throws CopyException {
        while (true) {
            int drain = run.drainWanted() ? run.drainNumber() : 0;
            long wanted =
                    source.info("replication").number("master_repl_offset").orElse(-1);
            InfoText replica = target.info("replication");
            look(wanted, replica);
            if (drain > 0 && isUp(replica) && offset(replica) >= wanted && promote(target, drain)) {
                return;
            }
            run.pace().rest(run.drainWanted() ? DRAIN_LOOK_MILLIS : LOOK_MILLIS);
        }
    }

    private void look(long wanted, InfoText replica) throws CopyException {
        if (isUp(replica)) {
            linkDownSince = System.nanoTime();
            run.meter().lag(wanted - offset(replica));
            run.meter().done(1);
            run.to(CopyState.FOLLOWING);
        } else {
            checkPatience(replica);
            run.meter().done(0.99 * share(replica));
        }
        caughtUp = isUp(replica) && run.meter().lag() < LITTLE_LAG;
    }

    private void checkPatience(InfoText replica) throws CopyException {
        if (!replica.text("role").equals("slave")) {
            throw new CopyException(
                    Kind.TARGET_CHANGED, run.plan().target() + " is no replica any more: somebody promoted it");
        }
        if (replica.text("master_sync_in_progress").equals("1")) {
            linkDownSince = System.nanoTime();
        } else if (System.nanoTime() - linkDownSince > LINK_PATIENCE.toNanos()) {
            throw new CopyException(
                    Kind.CONNECTION,
                    run.plan().target() + " does not reach " + run.plan().source() + " as its master for "
                            + LINK_PATIENCE.toSeconds() + " s: look at its log, the network, masterauth");
        }
    }

    private static double share(InfoText replica) {
        long total = replica.number("master_sync_total_bytes").orElse(0);
        long read = replica.number("master_sync_read_bytes").orElse(0);
        return total <= 0 ? 0 : (double) read / total;
    }

    private static boolean isUp(InfoText replica) {
        return replica.text("master_link_status").equals("up");
    }

    private static long offset(InfoText replica) {
        return replica.number("slave_repl_offset").orElse(-1);
    }

    /** False if the drain was given up before; true when it was promoted, and attached again is wanted. */
    private boolean promote(RedisLink target, int drain) throws CopyException {
        if (!run.drainWanted() || drain != run.drainNumber()) {
            return false;
        }
        StrayReplica.promote(target);
        attached = false;
        run.meter().lag(0);
        run.drained(drain);
        while (run.state() == CopyState.DRAINED) {
            run.pace().rest(LOOK_MILLIS);
        }
        return true;
    }

    @Override
    public boolean caughtUp() {
        return caughtUp && run.state() == CopyState.FOLLOWING;
    }

    /** Replication cannot be paused: nothing happens. */
    @Override
    public void pause() {}

    @Override
    public void resume() {}

    @Override
    public void close() {
        super.close();
        if (attached) {
            attached = false;
            CopyPlan plan = run.plan();
            StrayReplica.promote(plan.target(), plan.sourceServers(), plan.register());
        }
    }
}
