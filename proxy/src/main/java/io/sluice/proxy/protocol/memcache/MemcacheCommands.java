package io.sluice.proxy.protocol.memcache;

import static io.sluice.proxy.command.CommandRow.control;
import static io.sluice.proxy.command.CommandRow.read;
import static io.sluice.proxy.command.CommandRow.write;

import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.CommandRow;
import io.sluice.proxy.command.CommandTable;
import io.sluice.proxy.command.KeyLocator;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.protocol.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The commands of memcached's text protocol, as its protocol.txt has them, and what is special about their lines:
 *
 * <pre>
 *   set key flags exptime bytes [noreply]\r\n        the number of bytes is argument 4,
 *   bytes of the value\r\n                           "noreply" may stand from argument 5 on
 * </pre>
 */
public final class MemcacheCommands {

    private static final String ONE_SERVER = "it concerns one server, not a key; ask that server itself";
    private static final String ALL_SERVERS = "it concerns the keys of all servers at once; ask each server itself";
    private static final String META = "the meta protocol is not served; use the classic commands";

    /** No line of this command announces a value, or has a place for "noreply". */
    private static final int NOWHERE = 0;

    private static final Map<String, Integer> BYTES_AT =
            Map.of("set", 4, "add", 4, "replace", 4, "append", 4, "prepend", 4, "cas", 4, "ms", 2);

    /** Also where a number is missing: memcached then does not say so, and we would wait for it. */
    private static final Map<String, Integer> NOREPLY_FROM = Map.ofEntries(
            Map.entry("set", 5),
            Map.entry("add", 5),
            Map.entry("replace", 5),
            Map.entry("append", 5),
            Map.entry("prepend", 5),
            Map.entry("cas", 6),
            Map.entry("delete", 2),
            Map.entry("incr", 2),
            Map.entry("decr", 2),
            Map.entry("touch", 2),
            Map.entry("flush_all", 1),
            Map.entry("verbosity", 2),
            Map.entry("cache_memlimit", 2));

    /** They change nothing, and each value in the reply has its key. */
    private static final Set<String> JOINABLE = Set.of("get", "gets");

    public static final CommandTable TABLE = CommandTable.of(rows());

    private static final int[] bytesAt = byId(BYTES_AT);
    private static final int[] noreplyFrom = byId(NOREPLY_FROM);
    private static final boolean[] joinable = byName(JOINABLE);
    private static final long[] firstWords = words(0);
    private static final long[] secondWords = words(Long.BYTES);

    private MemcacheCommands() {}

    private static List<CommandRow> rows() {
        KeyLocator key = KeyLocator.key(1);
        List<CommandRow> rows = new ArrayList<>(List.of(
                read("get", -2, KeyLocator.range(1, -1, 1), "").merged(MergeRule.IN_KEY_ORDER),
                read("gets", -2, KeyLocator.range(1, -1, 1), "").merged(MergeRule.IN_KEY_ORDER),
                write("gat", -3, KeyLocator.range(2, -1, 1), "").merged(MergeRule.IN_KEY_ORDER),
                write("gats", -3, KeyLocator.range(2, -1, 1), "").merged(MergeRule.IN_KEY_ORDER),
                write("set", 5, key, ""),
                write("add", 5, key, ""),
                write("replace", 5, key, ""),
                write("append", 5, key, ""),
                write("prepend", 5, key, ""),
                write("cas", 6, key, ""),
                write("delete", -2, key, ""),
                write("incr", 3, key, ""),
                write("decr", 3, key, ""),
                write("touch", 3, key, ""),
                control("version", 1, "").local(),
                control("quit", 1, "").local(),
                control("flush_all", -1, "").refused(ALL_SERVERS)));
        for (String name : List.of("stats", "verbosity", "cache_memlimit", "slabs", "lru", "lru_crawler", "watch")) {
            rows.add(control(name, -1, "").refused(ONE_SERVER));
        }
        for (String name : List.of("mg", "md", "ma", "mn", "me")) {
            rows.add(control(name, -1, "").refused(META));
        }
        rows.add(control("ms", -3, "").refused(META));
        return rows;
    }

    private static int[] byId(Map<String, Integer> byName) {
        return TABLE.commands().stream()
                .mapToInt(command -> byName.getOrDefault(command.name(), NOWHERE))
                .toArray();
    }

    private static boolean[] byName(Set<String> names) {
        List<Command> commands = TABLE.commands();
        boolean[] among = new boolean[commands.size()];
        for (int i = 0; i < among.length; i++) {
            among[i] = names.contains(commands.get(i).name());
        }
        return among;
    }

    private static long[] words(int from) {
        return TABLE.commands().stream()
                .mapToLong(command -> wordOf(command.name(), from))
                .toArray();
    }

    /** Up to eight characters as {@link io.sluice.proxy.command.Arguments#wordAt} gives them. */
    static long wordOf(String name, int from) {
        long word = 0;
        for (int i = Math.min(name.length(), from + Long.BYTES) - 1; i >= from; i--) {
            word = word << Byte.SIZE | name.charAt(i);
        }
        return word;
    }

    /** Whether it is a get or gets of one key, and nothing else stands in its line. */
    static boolean isJoinable(Command command, Request request) {
        int name = request.length(0);
        int end = request.start() + request.length();
        return joinable[command.id()]
                && request.count() == 2
                && request.length() == name + 1 + request.length(1) + 2
                && request.buffer().getByte(end - 2) == '\r';
    }

    /** Whether the command is followed by a value. */
    static boolean hasValue(Command command) {
        return bytesAt[command.id()] != NOWHERE;
    }

    /** The argument that tells the length of the value. */
    static int bytesAt(Command command) {
        return bytesAt[command.id()];
    }

    /** Whether the last of {@code count} arguments may be "noreply"; else it is a key or a number. */
    static boolean takesNoreply(Command command, int count) {
        int from = noreplyFrom[command.id()];
        return from != NOWHERE && count > from;
    }

    /** Eight bytes of the name from {@code position}, 0 or 8. The table finds names in any case, memcached does not. */
    static long nameWord(Command command, int position) {
        return (position == 0 ? firstWords : secondWords)[command.id()];
    }
}
