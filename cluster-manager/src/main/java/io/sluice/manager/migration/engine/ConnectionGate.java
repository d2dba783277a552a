package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import redis.clients.jedis.Protocol.Command;

/**
 * Ends connections on a server, so that nothing sent over them can be executed any more, however late it arrives: what
 * has to be done before a switch, and by a new leader before anything else. Blocks its caller for a few round trips.
 */
public final class ConnectionGate implements AutoCloseable {

    private static final Pattern CLIENT_ID = Pattern.compile("(?m)^id=(\\d{1,18}) ");

    private final RedisLink link;

    private ConnectionGate(RedisLink link) {
        this.link = link;
    }

    /** Connects, so that {@link #end} takes only as long as it must: clients wait then. */
    static ConnectionGate open(RedisEndpoint server) throws CopyException {
        return new ConnectionGate(RedisLink.open(server, Purpose.READ, unregistered -> true));
    }

    /** As {@link #end}, over a connection of its own. */
    public static Optional<CopyFailure> close(RedisEndpoint server, Collection<MaintenanceConnection> connections) {
        try (ConnectionGate gate = open(server)) {
            return gate.end(connections);
        } catch (CopyException e) {
            return Optional.of(e.failure());
        }
    }

    /**
     * Kills those of the connections that lead to this run of the server, and looks whether they are gone. Empty when all
     * are: after a restart of the server they are gone by themselves.
     */
    Optional<CopyFailure> end(Collection<MaintenanceConnection> connections) {
        List<MaintenanceConnection> alive = connections.stream()
                .filter(other -> other.node().equals(link.endpoint().address()))
                .filter(other -> other.runId().equals(link.identity().runId()))
                .toList();
        try {
            for (MaintenanceConnection other : alive) {
                link.send(
                        Command.CLIENT,
                        RedisLink.ascii("KILL"),
                        RedisLink.ascii("ID"),
                        RedisLink.ascii(other.clientId()));
            }
            for (int i = 0; i < alive.size(); i++) {
                link.receiveAnswer(Command.CLIENT);
            }
            return stillThere(link, alive);
        } catch (CopyException e) {
            return Optional.of(e.failure());
        }
    }

    /** The connection goes; what it has ended stays ended. */
    @Override
    public void close() {
        link.close();
    }

    private static Optional<CopyFailure> stillThere(RedisLink link, List<MaintenanceConnection> killed)
            throws CopyException {
        Set<Long> ids = ids(link.text(Command.CLIENT, RedisLink.ascii("LIST")));
        Set<Long> left = killed.stream().map(MaintenanceConnection::clientId).collect(Collectors.toSet());
        left.retainAll(ids);
        return left.isEmpty()
                ? Optional.empty()
                : Optional.of(new CopyFailure(
                        Kind.DEADLINE,
                        "Connections of the mover are still open on " + link.endpoint() + ": ids=" + left));
    }

    /** The ids in a CLIENT LIST. */
    static Set<Long> ids(String clientList) {
        Set<Long> ids = new HashSet<>();
        Matcher matcher = CLIENT_ID.matcher(clientList);
        while (matcher.find()) {
            ids.add(Long.parseLong(matcher.group(1)));
        }
        return ids;
    }
}
