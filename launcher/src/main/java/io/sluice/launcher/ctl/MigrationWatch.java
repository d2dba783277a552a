package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.MigrationAnswer;
import io.sluice.manager.api.Answers.MigrationsAnswer;
import io.sluice.manager.api.Answers.PoolAnswer;
import io.sluice.manager.api.Answers.RingAnswer;
import io.sluice.manager.api.Answers.RingServerAnswer;
import io.sluice.manager.api.Answers.ShardsAnswer;
import io.sluice.routing.cluster.SlotSet;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Looks again and again how slots and rings get on: at a terminal a block with a bar for each move of slots that is
 * written anew in its place, elsewhere a line for each change. Of a ring there is a line for each change everywhere.
 */
final class MigrationWatch {

    private static final long PAUSE_MILLIS = 500;

    private final Ctl ctl;
    private final PrintWriter out;
    private final @Nullable LiveBlock live;
    private final Map<String, String> told = new LinkedHashMap<>();

    /** What is told goes to stderr if programs read stdout. */
    MigrationWatch(Ctl ctl) {
        this.ctl = ctl;
        this.out = ctl.json() ? ctl.err() : ctl.out();
        this.live = !ctl.json() && ctl.terminal().isLive() ? new LiveBlock(out) : null;
    }

    /** The exit code, once nothing is on its way any more. */
    int untilNoneIsLeft() {
        while (true) {
            MigrationsAnswer answer = lookAtAll();
            tell(answer.migrations());
            answer.rings().forEach(this::tell);
            if (answer.migrations().isEmpty() && answer.rings().isEmpty()) {
                out.println(MigrationText.NONE);
                return CtlExit.OK;
            }
            pause();
        }
    }

    /** Tells what has changed of some of them; how many there are. */
    int look(Predicate<MigrationAnswer> which) {
        List<MigrationAnswer> found = look().stream().filter(which).toList();
        tell(found);
        return found.size();
    }

    void tell(String line) {
        out.println(line);
        out.flush();
    }

    /** The exit code, once the target owns the slots, or never will. */
    int untilSwitched(String pool, String id, String slots, String to) {
        boolean sawSwitch = false;
        while (true) {
            Optional<MigrationAnswer> found = look().stream()
                    .filter(migration -> migration.id().equals(id))
                    .findFirst();
            found.ifPresent(migration -> tell(List.of(migration)));
            boolean switched = found.isPresent() && found.get().state().equals("switched");
            if (found.isEmpty() || (switched && (sawSwitch || found.get().lastFreezeMs() != null))) {
                return outcome(pool, slots, to);
            }
            sawSwitch = switched; // one more look tells how long the freeze was, if this manager knows
            pause();
        }
    }

    /** The exit code, once a ring has its next servers and every proxy knows, or has gone back. */
    int untilRingIsDone(String pool, String id, Collection<String> comes, Collection<String> goes) {
        while (true) {
            Optional<RingAnswer> found = lookAtAll().rings().stream()
                    .filter(ring -> ring.id().equals(id))
                    .findFirst();
            found.ifPresent(this::tell);
            if (found.isEmpty()) {
                return ringOutcome(pool, comes, goes);
            }
            pause();
        }
    }

    private int ringOutcome(String pool, Collection<String> comes, Collection<String> goes) {
        List<RingServerAnswer> servers = Ctl.read(ctl.manager().get("/v1/pools/" + Ctl.encoded(pool)), PoolAnswer.class)
                .servers();
        boolean isDone = comes.stream().allMatch(name -> isAmong(servers, name))
                && goes.stream().noneMatch(name -> isAmong(servers, name));
        out.println(isDone ? "Done: " + pool + " has its new servers." : "Aborted: " + pool + " keeps its servers.");
        return isDone ? CtlExit.OK : CtlExit.FAILED;
    }

    private static boolean isAmong(List<RingServerAnswer> servers, String nameOrAddress) {
        return servers.stream()
                .anyMatch(server ->
                        server.name().equals(nameOrAddress) || server.address().equals(nameOrAddress));
    }

    private int outcome(String pool, String slots, String to) {
        SlotSet moved = SlotSet.parse(slots, SlotSet.MAX_SLOTS).orElse(SlotSet.EMPTY);
        boolean arrived = Ctl.read(ctl.manager().get("/v1/pools/" + Ctl.encoded(pool) + "/shards"), ShardsAnswer.class)
                .shards()
                .stream()
                .filter(shard -> shard.name().equals(to))
                .flatMap(shard -> SlotSet.parse(shard.owns(), SlotSet.MAX_SLOTS).stream())
                .anyMatch(owned -> owned.containsAll(moved));
        out.println(
                arrived ? "Moved: " + to + " owns " + slots + "." : "Aborted: " + to + " does not own " + slots + ".");
        return arrived ? CtlExit.OK : CtlExit.FAILED;
    }

    private List<MigrationAnswer> look() {
        return lookAtAll().migrations();
    }

    private MigrationsAnswer lookAtAll() {
        return Ctl.read(ctl.manager().get("/v1/migrations"), MigrationsAnswer.class);
    }

    private void tell(RingAnswer ring) {
        tell(ring.id(), RingText.line(ring), ring.waitsFor(), ring.lastError());
    }

    private void tell(List<MigrationAnswer> migrations) {
        LiveBlock block = live;
        if (block == null) {
            migrations.forEach(this::tell);
        } else if (!migrations.isEmpty()) {
            block.show(MigrationBlock.of(migrations));
        }
    }

    private void tell(MigrationAnswer migration) {
        tell(migration.id(), MigrationText.line(migration), migration.waitsFor(), migration.lastError());
    }

    private void tell(String id, String line, List<String> waitsFor, @Nullable String lastError) {
        String reasons = waitsFor.isEmpty() ? "" : "; waits: " + String.join("; ", waitsFor);
        String error = lastError == null ? "" : "; last error: " + lastError;
        String whole = line + reasons + error;
        if (!whole.equals(told.put(id, whole))) {
            tell(whole);
        }
    }

    static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CtlException.of(CtlExit.FAILED, "interrupted", "interrupted", "");
        }
    }
}
