package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.MigrationAnswer;
import io.sluice.manager.api.Answers.MigrationsAnswer;
import io.sluice.manager.api.Answers.ShardsAnswer;
import io.sluice.routing.cluster.SlotSet;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Looks again and again how slots get on, and tells what has changed. */
final class MigrationWatch {

    private static final long PAUSE_MILLIS = 500;

    private final Ctl ctl;
    private final PrintWriter out;
    private final Map<String, String> told = new LinkedHashMap<>();

    /** What is told goes to stderr if programs read stdout. */
    MigrationWatch(Ctl ctl) {
        this.ctl = ctl;
        this.out = ctl.json() ? ctl.err() : ctl.out();
    }

    /** The exit code, once nothing is on its way any more. */
    int untilNoneIsLeft() {
        while (true) {
            List<MigrationAnswer> migrations = look();
            migrations.forEach(this::tell);
            if (migrations.isEmpty()) {
                out.println(MigrationText.NONE);
                return CtlExit.OK;
            }
            pause();
        }
    }

    /** Tells what has changed of some of them; how many there are. */
    int look(Predicate<MigrationAnswer> which) {
        List<MigrationAnswer> found = look().stream().filter(which).toList();
        found.forEach(this::tell);
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
            found.ifPresent(this::tell);
            boolean switched = found.isPresent() && found.get().state().equals("switched");
            if (found.isEmpty() || (switched && (sawSwitch || found.get().lastFreezeMs() != null))) {
                return outcome(pool, slots, to);
            }
            sawSwitch = switched; // one more look tells how long the freeze was, if this manager knows
            pause();
        }
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
        return Ctl.read(ctl.manager().get("/v1/migrations"), MigrationsAnswer.class)
                .migrations();
    }

    private void tell(MigrationAnswer migration) {
        String line = MigrationText.line(migration);
        String reasons = migration.waitsFor().isEmpty() ? "" : "; waits: " + String.join("; ", migration.waitsFor());
        String error = migration.lastError() == null ? "" : "; last error: " + migration.lastError();
        String whole = line + reasons + error;
        if (!whole.equals(told.put(migration.id(), whole))) {
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
