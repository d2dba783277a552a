package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.MoveAnswer;
import io.sluice.manager.api.Answers.PoolAnswer;
import io.sluice.manager.api.Answers.ShardAnswer;
import io.sluice.routing.cluster.SlotSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Tells how several moves of a pool get on, until all is where it should be. */
final class MovesWatch {

    private final Ctl ctl;
    private final String pool;
    private final MigrationWatch watch;

    MovesWatch(Ctl ctl, String pool) {
        this.ctl = ctl;
        this.pool = pool;
        this.watch = new MigrationWatch(ctl);
    }

    /** The exit code, once none of them is on its way any more. */
    int untilArrived(Set<String> ids, List<MoveAnswer> moves) {
        while (watch.look(migration -> ids.contains(migration.id())) > 0) {
            MigrationWatch.pause();
        }
        PoolAnswer now = pool();
        long arrived = moves.stream().filter(move -> hasArrived(now, move)).count();
        watch.tell(
                arrived == moves.size()
                        ? "Done: all slots have arrived."
                        : "Aborted: " + arrived + " of " + moves.size() + " moves have arrived.");
        return arrived == moves.size() ? CtlExit.OK : CtlExit.FAILED;
    }

    private static boolean hasArrived(PoolAnswer now, MoveAnswer move) {
        SlotSet moved = SlotSet.parse(move.slots(), SlotSet.MAX_SLOTS).orElse(SlotSet.EMPTY);
        return now.shards().stream()
                .filter(shard -> shard.name().equals(move.to()))
                .flatMap(shard -> SlotSet.parse(shard.owns(), SlotSet.MAX_SLOTS).stream())
                .anyMatch(owned -> owned.containsAll(moved));
    }

    /** The exit code, once the shard is gone, or stays. */
    int untilRemoved(String name) {
        while (true) {
            int moving = watch.look(migration -> migration.pool().equals(pool)
                    && (migration.from().equals(name) || migration.to().equals(name)));
            Optional<ShardAnswer> shard = pool().shards().stream()
                    .filter(found -> found.name().equals(name))
                    .findFirst();
            if (shard.isEmpty()) {
                watch.tell("Done: shard " + name + " is empty, and removed.");
                return CtlExit.OK;
            }
            if (shard.get().draining() == null) {
                watch.tell(
                        "Aborted: shard " + name + " stays, with " + shard.get().slots() + " slots.");
                return CtlExit.FAILED;
            }
            if (moving == 0 && shard.get().slots() > 0) {
                watch.tell("Aborted: no slots of shard " + name + " are on their way any more, and it has "
                        + shard.get().slots() + ". Drain it again, or give up: 'shard drain --abort " + name + "'");
                return CtlExit.FAILED;
            }
            MigrationWatch.pause();
        }
    }

    private PoolAnswer pool() {
        return Ctl.read(ctl.manager().get("/v1/pools/" + Ctl.encoded(pool)), PoolAnswer.class);
    }
}
