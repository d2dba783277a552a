package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import redis.clients.jedis.Protocol.Command;

/**
 * What a server says about itself, as far as a move needs it.
 *
 * @param server which one
 * @param info what INFO said, all sections
 * @param libraries names of its function libraries; empty before 7.0
 * @param mayReplicate whether our user may ask for the replication stream
 * @param mayConfigure whether our user may change its options
 */
record ServerFacts(
        RedisEndpoint server, InfoText info, Set<String> libraries, boolean mayReplicate, boolean mayConfigure) {

    ServerFacts {
        libraries = Set.copyOf(libraries);
    }

    /** Asks the server; changes nothing there. */
    static ServerFacts read(RedisEndpoint server) throws CopyException {
        try (RedisLink link = RedisLink.open(server, Purpose.READ, readsOnly -> true)) {
            return read(link);
        }
    }

    static ServerFacts read(RedisLink link) throws CopyException {
        return new ServerFacts(
                link.endpoint(),
                link.info(),
                libraries(link),
                may(link, "psync", "?", "-1"),
                may(link, "config", "set", "maxmemory", "0"));
    }

    private static Set<String> libraries(RedisLink link) throws CopyException {
        Set<String> names = new TreeSet<>();
        if (link.ask(Command.FUNCTION, RedisLink.ascii("LIST")) instanceof List<?> rows) {
            for (Object row : rows) {
                if (row instanceof List<?> fields) {
                    fields.stream()
                            .filter(field -> field instanceof Map.Entry<?, ?> entry
                                    && CommandKeys.text(entry.getKey()).equals("library_name"))
                            .forEach(field -> names.add(CommandKeys.text(((Map.Entry<?, ?>) field).getValue())));
                }
            }
        }
        return names;
    }

    /** True unless the server says no: before 7.0 nobody can ask, and a renamed command is not found. */
    private static boolean may(RedisLink link, String... command) throws CopyException {
        if (link.ask(Command.COMMAND, RedisLink.ascii("INFO"), RedisLink.ascii(command[0])) instanceof List<?> rows
                && (rows.isEmpty() || rows.get(0) == null)) {
            return false;
        }
        Object user = link.ask(Command.ACL, RedisLink.ascii("WHOAMI"));
        if (!(user instanceof byte[] name)) {
            return true;
        }
        byte[][] arguments = new byte[command.length + 2][];
        arguments[0] = RedisLink.ascii("DRYRUN");
        arguments[1] = name;
        for (int i = 0; i < command.length; i++) {
            arguments[i + 2] = RedisLink.ascii(command[i]);
        }
        Object answer = link.ask(Command.ACL, arguments);
        return !(answer instanceof byte[] text) || CommandKeys.text(text).equals("OK");
    }

    RedisVersion version() {
        return RedisVersion.of(info);
    }

    boolean isMaster() {
        return info.text("role").equals("master");
    }

    long number(String field) {
        return info.number(field).orElse(0);
    }
}
