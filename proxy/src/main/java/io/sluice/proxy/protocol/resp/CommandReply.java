package io.sluice.proxy.protocol.resp;

import io.sluice.proxy.command.Arguments;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.CommandTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Answers COMMAND and its subcommands from the table, in RESP2. Only what the proxy serves is listed: a command that
 * is not here would be refused.
 */
public final class CommandReply {
    /** Names in one COMMAND INFO: each of a few bytes asks for hundreds. */
    static final int MAX_NAMES = 1024;

    private final CommandTable table;
    private final List<Command> served;
    private final Map<String, Command> servedByName;
    private final byte[] all; // 20 KB that a request of 17 bytes asks for

    public CommandReply(CommandTable table) {
        this.table = table;
        this.served = table.topLevel().stream().filter(this::isServed).toList();
        this.servedByName = table.commands().stream()
                .filter(this::isServed)
                .collect(Collectors.toMap(Command::name, Function.identity(), (one, other) -> one, LinkedHashMap::new));
        RespBytes reply = new RespBytes();
        writeAll(reply);
        this.all = reply.toByteArray();
    }

    /** The whole reply to {@code request}, argument 0 of which is COMMAND. Not to be changed. */
    public byte[] to(Arguments request) {
        if (request.count() == 1) {
            return all;
        }
        RespBytes reply = new RespBytes();
        answerSubcommand(request, reply);
        return reply.toByteArray();
    }

    private void answerSubcommand(Arguments request, RespBytes reply) {
        String subcommand = RespBytes.lowerCase(request, 1);
        Command row = table.find(request);
        if (row != null && row.name().equals("command|" + subcommand) && !row.arityAllows(request.count())) {
            reply.error("ERR wrong number of arguments for '" + row.name() + "' command");
            return;
        }
        switch (subcommand) {
            case "count" -> reply.integer(served.size());
            case "info" -> writeInfo(request, reply);
            case "list" -> writeNames(request, reply);
            case "getkeys" -> writeKeys(request, reply);
            // DOCS is among the unknown: redis-cli then shows the help texts it has built in.
            default ->
                reply.error("ERR unknown subcommand '" + RespBytes.printable(request, 1) + "'. Try COMMAND LIST.");
        }
    }

    private void writeAll(RespBytes reply) {
        reply.array(served.size());
        served.forEach(command -> write(command, reply));
    }

    /** {@code COMMAND INFO [name ...]}: null for each name that is not served. */
    private void writeInfo(Arguments request, RespBytes reply) {
        if (request.count() == 2) {
            writeAll(reply);
            return;
        }
        if (request.count() - 2 > MAX_NAMES) {
            reply.error("ERR COMMAND INFO is served for at most " + MAX_NAMES + " names by this proxy");
            return;
        }
        reply.array(request.count() - 2);
        for (int i = 2; i < request.count(); i++) {
            Command command = servedByName.get(RespBytes.lowerCase(request, i));
            if (command == null) {
                reply.nullArray();
            } else {
                write(command, reply);
            }
        }
    }

    private void writeNames(Arguments request, RespBytes reply) {
        if (request.count() > 2) {
            reply.error("ERR COMMAND LIST is not served with a filter by this proxy");
            return;
        }
        reply.array(servedByName.size());
        servedByName.keySet().forEach(reply::bulk);
    }

    /** {@code COMMAND GETKEYS name argument ...}: what the proxy takes for the keys. */
    private void writeKeys(Arguments request, RespBytes reply) {
        if (request.count() == 2) {
            reply.error("ERR wrong number of arguments for 'command|getkeys' command");
            return;
        }
        Arguments inner = new Tail(request, 2);
        Command command = table.find(inner);
        if (command == null) {
            reply.error("ERR Invalid command specified");
        } else if (command.keys().isNone()) {
            reply.error("ERR The command has no key arguments");
        } else if (!command.arityAllows(inner.count())) {
            reply.error("ERR Invalid number of arguments specified for command");
        } else {
            writeKeys(command, inner, reply);
        }
    }

    private static void writeKeys(Command command, Arguments inner, RespBytes reply) {
        int[] indexes = new int[inner.count()];
        int keys = command.keys().locate(inner, indexes);
        if (keys < 0) {
            reply.error("ERR Invalid arguments specified for command");
            return;
        }
        reply.array(keys);
        for (int i = 0; i < keys; i++) {
            reply.bulk(inner, indexes[i]);
        }
    }

    /**
     * The ten elements of Redis 7: name, arity, flags, first key, last key, step, categories, tips, key specifications
     * and subcommands. Tips and key specifications are left empty.
     */
    private void write(Command command, RespBytes reply) {
        reply.array(10).bulk(command.name()).integer(command.arity());
        reply.statuses(command.flags());
        reply.integer(command.keys().first())
                .integer(command.keys().last())
                .integer(command.keys().step());
        reply.statuses(command.categories()).array(0).array(0);
        List<Command> subcommands =
                table.subcommandsOf(command).stream().filter(this::isServed).toList();
        reply.array(subcommands.size());
        subcommands.forEach(subcommand -> write(subcommand, reply));
    }

    /** A container is served if one of its subcommands is. */
    private boolean isServed(Command command) {
        return switch (command.handling()) {
            case FORWARD, LOCAL, SESSION -> true;
            case REFUSED -> table.subcommandsOf(command).stream().anyMatch(this::isServed);
        };
    }

    /** The arguments from {@code offset} on, as a request of their own. */
    record Tail(Arguments all, int offset) implements Arguments {
        @Override
        public int count() {
            return all.count() - offset;
        }

        @Override
        public int length(int argument) {
            return all.length(argument + offset);
        }

        @Override
        public byte byteAt(int argument, int position) {
            return all.byteAt(argument + offset, position);
        }
    }
}
