package io.sluice.launcher.ctl;

import io.sluice.launcher.text.TextTable;
import io.sluice.manager.api.Answers.ExplainAnswer;
import io.sluice.manager.api.Answers.HandoffAnswer;
import io.sluice.manager.api.Answers.HistoryAnswer;
import io.sluice.manager.api.Answers.PlanAnswer;
import io.sluice.manager.api.Answers.PoolAnswer;
import io.sluice.manager.api.Answers.PoolsAnswer;
import io.sluice.manager.api.Answers.RangeAnswer;
import io.sluice.manager.api.Answers.SlotsAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a manager answers, as people read it. */
final class AnswerText {

    private static final int MAX_RANGES = 48;

    private AnswerText() {}

    static List<String> plan(PlanAnswer plan) {
        if (plan.lines().isEmpty()) {
            return List.of("Nothing changes: the cluster has it like that already, at epoch " + plan.epoch() + ".");
        }
        List<String> lines = new ArrayList<>();
        lines.add("Plan at epoch " + plan.epoch() + ": " + plan.change());
        plan.lines().forEach(line -> lines.add("  " + line));
        plan.warnings().forEach(warning -> lines.add("Warning: " + warning));
        return lines;
    }

    static List<String> pools(PoolsAnswer answer) {
        if (answer.pools().isEmpty()) {
            return List.of("There is no pool yet. Make one: sluice ctl pool create NAME");
        }
        TextTable table = new TextTable().row("POOL", "PROTOCOL", "KEYS BY", "SIZE", "STATE");
        answer.pools().forEach(pool -> table.row(pool.name(), pool.protocol(), rule(pool), size(pool), state(pool)));
        return table.lines();
    }

    private static String rule(PoolAnswer pool) {
        String tag = pool.hashTag() == null || pool.slots() != null ? "" : ", tag " + pool.hashTag();
        return (pool.slots() == null ? pool.distribution() : pool.slots() + " slots") + " (" + pool.hash() + tag + ")";
    }

    private static String size(PoolAnswer pool) {
        return pool.slots() == null
                ? counted(pool.servers().size(), "server")
                : counted(pool.shards().size(), "shard");
    }

    private static String state(PoolAnswer pool) {
        List<String> notes = new ArrayList<>();
        @Nullable Integer slots = pool.slots();
        if (slots != null) {
            int owned = pool.shards().stream().mapToInt(shard -> shard.slots()).sum();
            if (owned < slots) {
                notes.add(counted(slots - owned, "slot") + " without owner");
            }
            long waiting =
                    pool.handoffs().stream().filter(AnswerText::isWaiting).count();
            if (pool.handoffs().size() > waiting) {
                notes.add(counted((int) (pool.handoffs().size() - waiting), "handoff"));
            }
            if (waiting > 0) {
                notes.add(counted((int) waiting, "move") + " waiting");
            }
            pool.shards().stream()
                    .filter(shard -> shard.draining() != null)
                    .forEach(shard -> notes.add(shard.name() + " is drained"));
        }
        return notes.isEmpty() ? "ok" : String.join(", ", notes);
    }

    private static boolean isWaiting(HandoffAnswer handoff) {
        return handoff.state().equals("WAITING");
    }

    /** One pool with its parts. */
    static List<String> pool(PoolAnswer pool) {
        List<String> lines = new ArrayList<>(pools(new PoolsAnswer(0, List.of(pool))));
        lines.add("");
        TextTable table = new TextTable();
        if (pool.slots() == null) {
            table.row("SERVER", "ADDRESS", "WEIGHT");
            pool.servers()
                    .forEach(server -> table.row(server.name(), server.address(), String.valueOf(server.weight())));
        } else {
            table.row("SHARD", "PRIMARY", "REPLICAS", "SLOTS", "SHARE", "OWNS");
            int slots = pool.slots();
            pool.shards()
                    .forEach(shard -> table.row(
                            shard.name(),
                            shard.primary(),
                            shard.replicas().isEmpty() ? "-" : String.join(" ", shard.replicas()),
                            String.valueOf(shard.slots()),
                            String.format(Locale.ROOT, "%.1f %%", 100.0 * shard.slots() / slots),
                            cut(shard.owns())));
        }
        lines.addAll(table.lines());
        pool.handoffs()
                .forEach(handoff ->
                        lines.add((isWaiting(handoff) ? "move " : "handoff ") + handoff.id() + ": " + handoff.state()
                                + ", slots " + cut(handoff.slots()) + ", " + handoff.from() + " -> " + handoff.to()));
        return lines;
    }

    static String cut(String ranges) {
        if (ranges.length() <= MAX_RANGES) {
            return ranges.isEmpty() ? "-" : ranges;
        }
        return ranges.substring(0, ranges.lastIndexOf(',', MAX_RANGES) + 1) + "...";
    }

    static List<String> slots(SlotsAnswer answer) {
        TextTable table = new TextTable().row("SLOTS", "COUNT", "SHARD", "PRIMARY");
        for (RangeAnswer range : answer.ranges()) {
            table.row(
                    range.slots(),
                    String.valueOf(range.count()),
                    range.shard() == null ? "nobody" : range.shard(),
                    range.primary() == null ? "-" : range.primary());
        }
        return table.lines();
    }

    static String position(ExplainAnswer answer) {
        @Nullable Long position = answer.position();
        if (position == null) {
            return "any";
        }
        return switch (answer.distribution()) {
            case "slots" -> "slot " + position;
            case "modula" -> "place " + position + " of " + answer.positions();
            default -> "point " + position;
        };
    }

    static List<String> history(HistoryAnswer answer) {
        if (answer.entries().isEmpty()) {
            return List.of("Nothing was changed yet.");
        }
        List<String> lines = new ArrayList<>();
        answer.entries().forEach(entry -> {
            String epochs = entry.epochBefore() == entry.epochAfter()
                    ? "epoch " + entry.epochAfter()
                    : "epoch " + entry.epochBefore() + " -> " + entry.epochAfter();
            lines.add(entry.at() + "  " + epochs + "  " + entry.title() + "  (" + entry.by() + ")");
            entry.lines().forEach(line -> lines.add("    " + line));
        });
        return lines;
    }

    private static String counted(int count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }
}
