package io.sluice.launcher.ctl;

import io.sluice.launcher.text.TextTable;
import io.sluice.manager.api.Answers.CopyAnswer;
import io.sluice.manager.api.Answers.LimitsAnswer;
import io.sluice.manager.api.Answers.MigrationAnswer;
import io.sluice.manager.api.Answers.MigrationsAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Slots on their way, as people read it. */
final class MigrationText {

    static final String NONE = "Nothing is on its way.";

    private MigrationText() {}

    static List<String> migrations(MigrationsAnswer answer) {
        List<String> lines = new ArrayList<>(slots(answer.migrations()));
        lines.addAll(RingText.rings(answer.rings()));
        return lines.isEmpty() ? List.of(NONE) : lines;
    }

    private static List<String> slots(List<MigrationAnswer> migrations) {
        if (migrations.isEmpty()) {
            return List.of();
        }
        TextTable table = new TextTable().row("ID", "POOL", "SLOTS", "FROM", "TO", "STATE", "ENGINE", "DONE", "KEYS");
        for (MigrationAnswer migration : migrations) {
            @Nullable CopyAnswer copy = migration.copy();
            table.row(
                    migration.id(),
                    migration.pool(),
                    AnswerText.cut(migration.slots()),
                    migration.from(),
                    migration.to(),
                    migration.state(),
                    copy == null ? "-" : copy.engine(),
                    Math.round(migration.done() * 100) + " %",
                    copy == null ? "-" : Long.toString(copy.keys()));
        }
        List<String> lines = new ArrayList<>(table.lines());
        migrations.forEach(migration -> lines.addAll(details(migration)));
        return lines;
    }

    private static List<String> details(MigrationAnswer migration) {
        List<String> lines = new ArrayList<>();
        lines.add(line(migration));
        @Nullable CopyAnswer copy = migration.copy();
        if (copy != null) {
            lines.add("  engine: " + copy.engine() + (copy.reason().isEmpty() ? "" : " (" + copy.reason() + ")"));
            lines.add("  limits: " + limits(copy.limits()));
        }
        migration.waitsFor().forEach(reason -> lines.add("  waits: " + reason));
        if (migration.lastError() != null) {
            lines.add("  last error: " + migration.lastError());
        }
        return lines;
    }

    private static String limits(LimitsAnswer limits) {
        return Amount.count(limits.keysPerSecond()) + " keys/s, " + Amount.bytes(limits.bytesPerSecond()) + "/s, "
                + Amount.count(limits.outstandingCommands()) + " commands without a reply, "
                + Amount.bytes(limits.spoolBytes()) + " in the spool, slower above "
                + String.format(
                        Locale.ROOT, "%.0f ms; %.0f %% used", limits.slowDownAboveMs(), limits.usedShare() * 100);
    }

    /** All that changes, in one line. */
    static String line(MigrationAnswer migration) {
        List<String> parts = new ArrayList<>(List.of(migration.step()));
        @Nullable CopyAnswer copy = migration.copy();
        if (copy != null && !migration.state().equals("switched")) {
            parts.addAll(copy(copy));
        }
        if (migration.attempt() > 0) {
            parts.add("freeze " + migration.attempt() + frozen(migration));
        }
        return migration.id() + ": " + String.join(", ", parts);
    }

    private static List<String> copy(CopyAnswer copy) {
        List<String> parts = new ArrayList<>(List.of(
                copy.engine() + " " + copy.state(),
                Math.round(copy.done() * 100) + " %",
                copy.keys() + " keys",
                Amount.bytes(copy.bytes()),
                copy.keysPerSecond() + " keys/s"));
        if (copy.lagBytes() > 0) {
            parts.add("lag " + Amount.bytes(copy.lagBytes()));
        }
        if (copy.spoolBytes() > 0) {
            parts.add("spool " + Amount.bytes(copy.spoolBytes()));
        }
        if (copy.dirtyKeys() > 0) {
            parts.add(copy.dirtyKeys() + " dirty");
        }
        if (copy.remainingMs() != null && copy.done() < 1) {
            parts.add("about " + Amount.time(copy.remainingMs()) + " left");
        }
        parts.add(String.format(Locale.ROOT, "ping %.1f ms", copy.pingMs()));
        return parts;
    }

    private static String frozen(MigrationAnswer migration) {
        if (migration.frozenMs() != null) {
            return " for " + migration.frozenMs() + " ms";
        }
        return migration.lastFreezeMs() == null ? "" : " took " + migration.lastFreezeMs() + " ms";
    }
}
