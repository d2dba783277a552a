package io.sluice.launcher.ctl;

import io.sluice.launcher.text.TextTable;
import io.sluice.manager.api.Answers.MoveAnswer;
import io.sluice.manager.api.Answers.RebalanceAnswer;
import io.sluice.manager.api.Answers.ShareAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A plan of moves, as people read it. */
final class MovePlanText {

    private static final String UNKNOWN = "?";
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private MovePlanText() {}

    static List<String> lines(RebalanceAnswer plan) {
        if (plan.moves().isEmpty()) {
            return List.of(
                    plan.drain() == null
                            ? "Nothing to move: by " + plan.by() + ", each shard has what is due to it."
                            : "Nothing to move: shard " + plan.drain() + " has no slots that could.");
        }
        List<String> lines = new ArrayList<>();
        lines.add(
                plan.drain() == null
                        ? "Rebalance of pool " + plan.pool() + " by " + plan.by() + ":"
                        : "Drain of shard " + plan.drain() + " of pool " + plan.pool() + ", then it is removed:");
        lines.addAll(moves(plan).stream().map(line -> "  " + line).toList());
        lines.add("Then:");
        lines.addAll(shares(plan).stream().map(line -> "  " + line).toList());
        plan.notes().forEach(note -> lines.add("Note: " + note));
        return lines;
    }

    private static List<String> moves(RebalanceAnswer plan) {
        TextTable table = new TextTable().row("FROM", "TO", "SLOTS", "COUNT", "KEYS", "BYTES", "TIME");
        for (MoveAnswer move : plan.moves()) {
            table.row(
                    move.from(),
                    move.to(),
                    AnswerText.cut(move.slots()),
                    Integer.toString(move.count()),
                    about(move.keys()),
                    bytes(move.bytes()),
                    time(move.seconds()));
        }
        table.row(
                "all",
                "",
                "",
                Integer.toString(
                        plan.moves().stream().mapToInt(MoveAnswer::count).sum()),
                about(sum(plan.moves().stream().map(MoveAnswer::keys).toList())),
                bytes(sum(plan.moves().stream().map(MoveAnswer::bytes).toList())),
                time(plan.seconds()));
        return table.lines();
    }

    private static List<String> shares(RebalanceAnswer plan) {
        TextTable table = new TextTable().row("SHARD", "WEIGHT", "SLOTS", "KEYS", "BYTES");
        for (ShareAnswer share : plan.shards()) {
            table.row(
                    share.shard(),
                    Integer.toString(share.weight()),
                    share.slotsNow() + " -> " + share.slotsThen(),
                    about(share.keysNow()) + " -> " + about(share.keysThen()),
                    bytes(share.bytesNow()) + " -> " + bytes(share.bytesThen()));
        }
        return table.lines();
    }

    private static @Nullable Long sum(List<@Nullable Long> numbers) {
        long sum = 0;
        for (Long number : numbers) {
            if (number == null) {
                return null;
            }
            sum += number;
        }
        return sum;
    }

    private static String about(@Nullable Long number) {
        return number == null ? UNKNOWN : "~" + number;
    }

    static String bytes(@Nullable Long bytes) {
        if (bytes == null) {
            return UNKNOWN;
        }
        double left = bytes;
        int unit = 0;
        while (left >= 1024 && unit < UNITS.length - 1) {
            left /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "~%.0f %s" : "~%.1f %s", left, UNITS[unit]);
    }

    /** What the limits of a copy allow; never 0 for what takes some time. */
    static String time(@Nullable Double seconds) {
        if (seconds == null) {
            return UNKNOWN;
        }
        long whole = (long) Math.ceil(seconds);
        if (whole < 120) {
            return "~" + Math.max(1, whole) + " s";
        }
        return whole < 7200 ? "~" + whole / 60 + " min" : "~" + whole / 3600 + " h " + whole % 3600 / 60 + " min";
    }
}
