package io.sluice.routing.config;

import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads the {@code servers} of a pool, in twemproxy's form.
 *
 * <pre>
 *   - 127.0.0.1:6379:1 shard-a        host, port, weight; a name after one space
 *   - /run/redis/b.sock:2             path of a unix socket, weight
 * </pre>
 */
final class ServerList {
    static final int MAX_SERVERS = 4096;
    /** twemproxy counts in 32 bits. */
    static final int MAX_TOTAL_WEIGHT = Integer.MAX_VALUE;

    private static final String FORM =
            "host:port:weight or /path:weight, then, if it has a name, one space and the name";

    private record Written(Server server, YamlScalar where) {}

    private final Dialect dialect;
    private final List<Written> servers = new ArrayList<>();

    private ServerList(Dialect dialect) {
        this.dialect = dialect;
    }

    /** The servers in the order of the file, without those that are mistaken. */
    static List<Server> read(YamlSection pool, Dialect dialect) {
        return read(pool, "servers", dialect);
    }

    /** The same under another key. */
    static List<Server> read(YamlSection pool, String key, Dialect dialect) {
        ServerList list = new ServerList(dialect);
        List<YamlScalar> lines = pool.requiredList(key, "a list of " + FORM);
        lines.forEach(list::add);
        if (lines.size() > MAX_SERVERS) {
            pool.mistake(key, lines.size() + " servers; expected at most " + MAX_SERVERS);
        }
        list.checkTotalWeight(pool, key);
        list.rejectRepeated();
        return list.servers.stream().map(Written::server).toList();
    }

    private void add(YamlScalar where) {
        String text = where.text();
        int space = text.indexOf(' ');
        String definition = space < 0 ? text : text.substring(0, space);
        Optional<String> alias = space < 0 ? Optional.empty() : Optional.of(text.substring(space + 1));
        int colon = definition.lastIndexOf(':');
        if (colon < 0 || alias.filter(name -> !isName(name)).isPresent()) {
            where.unlike("a server", FORM);
            return;
        }
        String address = definition.substring(0, colon);
        if (isMissingWeight(address)) {
            where.mistake(Words.quoted(text) + " has no weight; expected " + FORM);
            return;
        }
        Optional<ServerAddress> read = AddressText.read(address, where, "a server", FORM);
        Optional<Integer> weight = weight(definition.substring(colon + 1), where);
        if (read.isPresent() && weight.isPresent()) {
            String name = alias.orElseGet(() -> Server.ringName(read.get()));
            servers.add(new Written(new Server(name, read.get(), weight.get()), where));
        }
    }

    /** {@code 10.0.0.1:6379} reads as host, weight. */
    private static boolean isMissingWeight(String address) {
        return !address.isEmpty() && !address.contains(":") && !address.startsWith("/");
    }

    private static boolean isName(String name) {
        return !name.isEmpty() && name.chars().noneMatch(c -> c == ' ' || Character.isISOControl(c));
    }

    private static Optional<Integer> weight(String text, YamlScalar where) {
        OptionalLong weight = Digits.parse(text);
        if (weight.isEmpty() || weight.getAsLong() < 1 || weight.getAsLong() > MAX_TOTAL_WEIGHT) {
            where.mistake("found weight " + Words.quoted(text) + "; expected an integer from 1 to " + MAX_TOTAL_WEIGHT);
            return Optional.empty();
        }
        return Optional.of((int) weight.getAsLong());
    }

    private void checkTotalWeight(YamlSection pool, String key) {
        long total =
                servers.stream().mapToLong(written -> written.server().weight()).sum();
        if (total > MAX_TOTAL_WEIGHT) {
            pool.mistake(key, "the weights add up to " + total + "; expected at most " + MAX_TOTAL_WEIGHT);
        }
    }

    private void rejectRepeated() {
        Map<String, Written> byName = new HashMap<>();
        Map<ServerAddress, Written> byAddress = new HashMap<>();
        for (Written written : servers) {
            Server server = written.server();
            Written sameName = byName.putIfAbsent(server.name(), written);
            Written sameAddress = byAddress.putIfAbsent(server.address(), written);
            if (sameName != null) {
                written.where()
                        .mistake("duplicate server name " + Words.quoted(server.name()) + "; it stands on line "
                                + sameName.where().line() + " already, expected a name of its own");
            } else if (sameAddress != null) {
                repeatedAddress(written, sameAddress);
            }
        }
    }

    /** nutcracker accepts two names for one address, so a file that is taken over may have them. */
    private void repeatedAddress(Written written, Written first) {
        String message = "duplicate server address " + written.server().address() + "; it stands on line "
                + first.where().line() + " already";
        switch (dialect) {
            case TWEMPROXY -> written.where().warning(message);
            case SLUICE -> written.where().mistake(message + ", expected each server once");
        }
    }
}
