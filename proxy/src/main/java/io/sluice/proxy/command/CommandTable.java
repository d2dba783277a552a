package io.sluice.proxy.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All commands of a protocol, found by name. A name that has no row is not a command: it is refused, never guessed.
 *
 * <p>A container (CLIENT, OBJECT) is resolved to the row of its subcommand. With an unknown subcommand, or none, it is
 * the container's own row that is found.
 */
public final class CommandTable {
    private final List<Command> commands;
    private final List<Command> topLevel;
    private final List<List<Command>> subcommandsById;
    private final NameIndex byName;
    private final @Nullable NameIndex[] subcommandIndexById;

    private CommandTable(List<Command> commands) {
        this.commands = List.copyOf(commands);
        this.topLevel = commands.stream().filter(c -> separator(c) < 0).toList();
        this.byName = new NameIndex(topLevel.stream().map(Command::name).toList(), topLevel);
        this.subcommandsById = new ArrayList<>();
        this.subcommandIndexById = new NameIndex[commands.size()];
        Map<String, List<Command>> byContainer = byContainer(commands);
        for (Command command : commands) {
            List<Command> subcommands = byContainer.getOrDefault(command.name(), List.of());
            subcommandsById.add(List.copyOf(subcommands));
            subcommandIndexById[command.id()] = subcommands.isEmpty() ? null : indexWithoutContainer(subcommands);
            byContainer.remove(command.name());
        }
        if (!byContainer.isEmpty()) {
            throw new IllegalStateException("Subcommands without a row for their container: " + byContainer.keySet());
        }
    }

    /** Checks the rows and makes them a table, their ids in this order. */
    public static CommandTable of(List<CommandRow> rows) {
        List<Command> commands = new ArrayList<>(rows.size());
        for (CommandRow row : rows) {
            check(row);
            commands.add(new Command(commands.size(), row));
        }
        return new CommandTable(commands);
    }

    private static void check(CommandRow row) {
        if (row.handling() == Handling.FORWARD && row.keys().isNone()) {
            throw new IllegalStateException("Nobody could say where to forward " + row.name() + ": it has no key");
        }
        if (row.merge() != MergeRule.NONE && !row.keys().isRange()) {
            throw new IllegalStateException("Cannot be split, its keys are not a plain range: " + row.name());
        }
    }

    /** The row of a request by its name, and its subcommand if it has such; null if there is none. Allocates nothing. */
    public @Nullable Command find(Arguments arguments) {
        return find(arguments, 0);
    }

    /** As {@link #find(Arguments)}, for a command that begins at {@code argument}. */
    public @Nullable Command find(Arguments arguments, int argument) {
        Command command = byName.find(arguments, argument);
        if (command == null) {
            return null;
        }
        NameIndex subcommands = subcommandIndexById[command.id()];
        if (subcommands == null || arguments.count() <= argument + 1) {
            return command;
        }
        Command subcommand = subcommands.find(arguments, argument + 1);
        return subcommand == null ? command : subcommand;
    }

    /** All rows, subcommands included; each at the index that is its id. */
    public List<Command> commands() {
        return commands;
    }

    /** All rows but the subcommands. */
    public List<Command> topLevel() {
        return topLevel;
    }

    /** The rows of a container's subcommands; empty if it is none. */
    public List<Command> subcommandsOf(Command container) {
        return subcommandsById.get(container.id());
    }

    private static Map<String, List<Command>> byContainer(List<Command> commands) {
        Map<String, List<Command>> byContainer = new TreeMap<>();
        for (Command command : commands) {
            if (separator(command) >= 0) {
                String container = command.name().substring(0, separator(command));
                byContainer
                        .computeIfAbsent(container, name -> new ArrayList<>())
                        .add(command);
            }
        }
        return byContainer;
    }

    private static NameIndex indexWithoutContainer(List<Command> subcommands) {
        List<String> names = subcommands.stream()
                .map(command -> command.name().substring(separator(command) + 1))
                .toList();
        return new NameIndex(names, subcommands);
    }

    private static int separator(Command command) {
        return command.name().indexOf('|');
    }
}
