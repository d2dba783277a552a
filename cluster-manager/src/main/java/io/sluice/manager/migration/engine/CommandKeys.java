package io.sluice.manager.migration.engine;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the keys of each command stand, as the source itself says in its reply to COMMAND. What it calls movable is read by
 * rules of our own, or is not known. Immutable.
 */
final class CommandKeys {

    /** As in COMMAND: positions count from 1, negative ones from the end. */
    private record Positions(int first, int last, int step, boolean movable) {}

    private static final int STEP = 5;
    private static final int SUBCOMMANDS = 9; // since 7.0

    private final Map<String, Positions> commands;

    private CommandKeys(Map<String, Positions> commands) {
        this.commands = commands;
    }

    /** Reads the reply to COMMAND. */
    static CommandKeys of(@Nullable Object reply) {
        Map<String, Positions> commands = new HashMap<>();
        if (reply instanceof List<?> rows) {
            for (Object row : rows) {
                if (row instanceof List<?> columns && columns.size() > STEP) {
                    commands.put(lower(text(columns.get(0))), positions(columns));
                    addSubcommands(columns, commands);
                }
            }
        }
        return new CommandKeys(commands);
    }

    /** Commands that are several, as XGROUP: each of these, called {@code xgroup|create}, has keys of its own. */
    private static void addSubcommands(List<?> columns, Map<String, Positions> commands) {
        if (columns.size() > SUBCOMMANDS && columns.get(SUBCOMMANDS) instanceof List<?> rows) {
            for (Object row : rows) {
                if (row instanceof List<?> sub && sub.size() > STEP) {
                    commands.put(lower(text(sub.get(0))), positions(sub));
                }
            }
        }
    }

    private static Positions positions(List<?> columns) {
        boolean movable = columns.get(2) instanceof Collection<?> flags
                && flags.stream().anyMatch(flag -> text(flag).equals("movablekeys"));
        return new Positions(number(columns.get(3)), number(columns.get(4)), number(columns.get(5)), movable);
    }

    /** Indexes of the keys in {@code parts}, where 0 is the name. Empty if the command is not known. */
    Optional<List<Integer>> in(List<byte[]> parts) {
        String name = lower(text(parts.get(0)));
        Positions positions = parts.size() > 1 ? commands.get(name + "|" + lower(text(parts.get(1)))) : null;
        if (positions == null) {
            positions = commands.get(name);
        }
        if (positions == null) {
            return Optional.empty();
        }
        return positions.movable ? movable(parts) : Optional.of(fixed(positions, parts.size()));
    }

    private static List<Integer> fixed(Positions positions, int size) {
        List<Integer> keys = new ArrayList<>();
        if (positions.first > 0) {
            int last = positions.last < 0 ? size + positions.last : positions.last;
            for (int i = positions.first; i <= Math.min(last, size - 1); i += Math.max(1, positions.step)) {
                keys.add(i);
            }
        }
        return keys;
    }

    private static Optional<List<Integer>> movable(List<byte[]> parts) {
        return switch (lower(text(parts.get(0)))) {
            case "zunionstore", "zinterstore", "zdiffstore" -> counted(parts);
            case "sort", "georadius", "georadiusbymember" -> Optional.of(storing(parts));
            default -> Optional.empty();
        };
    }

    /** NAME destination numkeys key … */
    private static Optional<List<Integer>> counted(List<byte[]> parts) {
        List<Integer> keys = new ArrayList<>(List.of(1));
        String count = parts.size() > 2 ? text(parts.get(2)) : "";
        if (!count.matches("\\d{1,6}") || 3 + Integer.parseInt(count) > parts.size()) {
            return Optional.empty();
        }
        for (int i = 0; i < Integer.parseInt(count); i++) {
            keys.add(3 + i);
        }
        return Optional.of(keys);
    }

    /** NAME key … STORE destination, or STOREDIST. */
    private static List<Integer> storing(List<byte[]> parts) {
        List<Integer> keys = new ArrayList<>(List.of(1));
        for (int i = 2; i + 1 < parts.size(); i++) {
            String word = lower(text(parts.get(i)));
            if (word.equals("store") || word.equals("storedist")) {
                keys.add(i + 1);
            }
        }
        return keys;
    }

    private static int number(@Nullable Object value) {
        return value instanceof Long number ? Math.toIntExact(number) : 0;
    }

    static String text(@Nullable Object value) {
        return value instanceof byte[] bytes ? new String(bytes, StandardCharsets.ISO_8859_1) : String.valueOf(value);
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
