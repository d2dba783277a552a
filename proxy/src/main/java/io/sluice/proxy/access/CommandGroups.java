package io.sluice.proxy.access;

import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.CommandTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Commands by name and by category, as rules name them. Immutable. */
public final class CommandGroups {
    /** In the order in which Redis 7.0 tells them. */
    private static final List<String> CATEGORIES = List.of(
            "keyspace",
            "read",
            "write",
            "set",
            "sortedset",
            "list",
            "hash",
            "string",
            "bitmap",
            "hyperloglog",
            "geo",
            "stream",
            "pubsub",
            "admin",
            "fast",
            "slow",
            "blocking",
            "dangerous",
            "connection",
            "transaction",
            "scripting");

    private final CommandTable table;
    private final Map<String, Command> byName = new LinkedHashMap<>();
    private final Map<String, List<Command>> byCategory = new LinkedHashMap<>();

    public CommandGroups(CommandTable table) {
        this.table = table;
        CATEGORIES.forEach(category -> byCategory.put(category, new ArrayList<>()));
        for (Command command : table.commands()) {
            byName.put(command.name(), command);
            for (String category : command.categories()) {
                byCategory
                        .computeIfAbsent(category.substring(1), unlisted -> new ArrayList<>())
                        .add(command);
            }
        }
    }

    /** Without their {@code @}. */
    public List<String> categories() {
        return CATEGORIES;
    }

    /** In the order of the table; null if there is no such category. */
    public @Nullable List<Command> inCategory(String category) {
        List<Command> commands = byCategory.get(category.toLowerCase(Locale.ROOT));
        return commands == null ? null : List.copyOf(commands);
    }

    /** {@code get} or {@code config|get}, in any case; null if there is none. */
    @Nullable Command named(String name) {
        return byName.get(name.toLowerCase(Locale.ROOT));
    }

    List<Command> subcommandsOf(Command command) {
        return table.subcommandsOf(command);
    }

    boolean isSubcommand(Command command) {
        return command.name().indexOf('|') >= 0;
    }

    List<Command> all() {
        return table.commands();
    }
}
