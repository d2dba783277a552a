package io.sluice.launcher.ctl;

import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Clients of one proxy that wait at one list, one behind the other. Whoever came first must be served first. */
final class FairQueue implements AutoCloseable {

    private static final String SECONDS = "30";

    private final String name;
    private final int port;
    private final List<RespClient> line = new ArrayList<>();

    /**
     * Lets so many clients wait, in the order of their numbers.
     *
     * @param port of the proxy
     * @param cluster whose servers tell how many clients wait there
     */
    static FairQueue open(String name, int port, int clients, MovingSlots cluster) throws IOException {
        FairQueue queue = new FairQueue(name, port);
        try (RespClient owner = cluster.server(cluster.ownerOf(name)).connect()) {
            for (int i = 0; i < clients; i++) {
                long before = blocked(owner);
                RespClient client = new RespClient(port);
                queue.line.add(client);
                client.send("BLMPOP", SECONDS, "1", name, "LEFT");
                client.flush();
                Awaitility.await("it waits").atMost(MovingSlots.LIMIT).until(() -> blocked(owner) > before);
            }
        }
        return queue;
    }

    private FairQueue(String name, int port) {
        this.name = name;
        this.port = port;
    }

    /** Who waits with the command that nobody else uses here. */
    private static long blocked(RespClient server) throws IOException {
        return String.valueOf(server.call("CLIENT", "LIST"))
                .lines()
                .filter(line -> line.contains("cmd=blmpop") && line.contains("flags=b"))
                .count();
    }

    /** Pushes an element for each, and tells what the clients got, in the order in which they came. */
    List<String> serve() throws IOException {
        List<String> got = new ArrayList<>();
        try (RespClient producer = new RespClient(port)) {
            for (int i = 0; i < line.size(); i++) {
                producer.call("RPUSH", name, String.valueOf(i));
            }
        }
        for (RespClient client : line) {
            Object reply = client.receive();
            got.add(
                    reply instanceof List<?> pair && pair.get(1) instanceof List<?> popped
                            ? String.valueOf(popped.get(0))
                            : describe(reply));
        }
        return got;
    }

    private static String describe(@Nullable Object reply) {
        return reply instanceof RespError error ? error.message() : String.valueOf(reply);
    }

    @Override
    public void close() throws IOException {
        for (RespClient client : line) {
            client.close();
        }
    }
}
