package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.CopyAnswer;
import io.sluice.manager.api.Answers.LimitsAnswer;
import io.sluice.manager.api.Answers.MigrationAnswer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A move as somebody at a terminal sees it: some lines with a bar. */
final class MigrationBlock {

    /** Any terminal has so many columns; the last one stays empty, where some would begin a new line. */
    private static final int WIDTH = 79;

    private static final int BAR = 20;
    /** Any terminal has so many lines, of which the last stays empty: what scrolled out cannot be written anew. */
    static final int HEIGHT = 23;

    private MigrationBlock() {}

    /** Those that have begun first, as many as fit; the others are counted. */
    static List<String> of(List<MigrationAnswer> migrations) {
        List<MigrationAnswer> ordered = new ArrayList<>(migrations);
        ordered.sort(Comparator.comparing(migration -> migration.state().equals("waiting")));
        List<String> lines = new ArrayList<>();
        int told = 0;
        for (MigrationAnswer migration : ordered) {
            List<String> block = of(migration);
            if (lines.size() + block.size() >= HEIGHT) {
                break;
            }
            lines.addAll(block);
            told++;
        }
        if (told < ordered.size()) {
            lines.add("... and " + (ordered.size() - told) + " more: 'sluice ctl migrations' shows all");
        }
        return lines;
    }

    static List<String> of(MigrationAnswer migration) {
        List<String> lines = new ArrayList<>();
        lines.add(migration.id() + "   " + migration.from() + " -> " + migration.to() + "   slots "
                + AnswerText.cut(migration.slots()));
        lines.add("  " + bar(migration.done()) + String.format(Locale.ROOT, " %3.0f %%", percent(migration.done()))
                + "   " + step(migration));
        @Nullable CopyAnswer copy = migration.copy();
        if (copy != null) {
            lines.add("  " + amounts(copy));
            lines.add("  " + delay(copy));
            lines.add("  " + limits(copy));
        }
        migration.waitsFor().forEach(reason -> lines.add("  waits: " + reason));
        if (migration.lastError() != null) {
            lines.add("  last error: " + migration.lastError());
        }
        return lines.stream().map(MigrationBlock::fitting).toList();
    }

    /** 100 only at the end. */
    private static double percent(double done) {
        return Math.floor(done * 100);
    }

    private static String bar(double done) {
        int full = (int) Math.floor(Math.max(0, Math.min(1, done)) * BAR);
        String head = full == 0 || full == BAR ? "=".repeat(full) : "=".repeat(full - 1) + ">";
        return "[" + head + " ".repeat(BAR - full) + "]";
    }

    private static String step(MigrationAnswer migration) {
        List<String> parts = new ArrayList<>(List.of(migration.step()));
        @Nullable CopyAnswer copy = migration.copy();
        boolean copies = migration.state().equals("copy") && !migration.paused();
        if (copies && copy != null && copy.remainingMs() != null && copy.done() < 1) {
            parts.add("about " + Amount.time(copy.remainingMs()) + " left");
        }
        if (migration.frozenMs() != null) {
            parts.add("freeze " + migration.attempt() + " for " + migration.frozenMs() + " ms");
        } else if (migration.lastFreezeMs() != null) {
            parts.add("freeze " + migration.attempt() + " took " + migration.lastFreezeMs() + " ms");
        }
        return String.join(", ", parts);
    }

    private static String amounts(CopyAnswer copy) {
        return String.join(
                "  ",
                copy.engine(),
                Amount.count(copy.keys()) + " keys",
                Amount.bytes(copy.bytes()),
                Amount.count(copy.keysPerSecond()) + " keys/s",
                Amount.bytes(copy.bytesPerSecond()) + "/s");
    }

    /** What has still to be brought over, and how busy that keeps the target. */
    private static String delay(CopyAnswer copy) {
        List<String> parts = new ArrayList<>();
        if (copy.lagBytes() > 0) {
            parts.add("lag " + Amount.bytes(copy.lagBytes()));
        }
        if (copy.spoolBytes() > 0) {
            parts.add("spool " + Amount.bytes(copy.spoolBytes()));
        }
        if (copy.dirtyKeys() > 0) {
            parts.add(Amount.count(copy.dirtyKeys()) + " dirty");
        }
        parts.add(String.format(Locale.ROOT, "target's ping %.1f ms", copy.pingMs()));
        return String.join("  ", parts);
    }

    private static String limits(CopyAnswer copy) {
        LimitsAnswer limits = copy.limits();
        String slowed = limits.usedShare() < 1
                ? String.format(Locale.ROOT, ", slowed to %.0f %%", limits.usedShare() * 100)
                : "";
        return "at most " + Amount.count(limits.keysPerSecond()) + " keys/s, " + Amount.bytes(limits.bytesPerSecond())
                + "/s" + slowed;
    }

    private static String fitting(String line) {
        return line.length() <= WIDTH ? line : line.substring(0, WIDTH - 3) + "...";
    }
}
