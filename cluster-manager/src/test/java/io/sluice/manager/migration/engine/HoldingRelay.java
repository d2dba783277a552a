package io.sluice.manager.migration.engine;

import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Passes bytes on to a server, and holds back what its present connections send when told to: a slow network. */
final class HoldingRelay implements AutoCloseable {

    /** One client and its connection to the server. */
    private static final class Pair {
        final Socket client;
        final Socket server;
        private boolean held;
        private long heldBytes;

        Pair(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void start() {
            daemon(() -> pump(client.getInputStream(), server.getOutputStream(), this));
            daemon(() -> {
                pump(server.getInputStream(), client.getOutputStream(), null);
                client.close(); // the server has hung up
            });
        }

        synchronized void hold(boolean on) {
            held = on;
            notifyAll();
        }

        synchronized void pass(int bytes) throws InterruptedException {
            heldBytes += held ? bytes : 0;
            while (held) {
                wait();
            }
        }

        synchronized long heldBytes() {
            return heldBytes;
        }
    }

    private interface Task {
        void run() throws IOException, InterruptedException;
    }

    private final ServerSocket listener;
    private final int serverPort;
    private final List<Pair> pairs = new CopyOnWriteArrayList<>();

    HoldingRelay(int serverPort) throws IOException {
        this.serverPort = serverPort;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    ServerAddress address() {
        return ServerAddress.tcp("127.0.0.1", listener.getLocalPort());
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            Pair pair = new Pair(client, new Socket(InetAddress.getLoopbackAddress(), serverPort));
            pairs.add(pair);
            pair.start();
        }
    }

    private static void pump(InputStream in, OutputStream out, @Nullable Pair holder)
            throws IOException, InterruptedException {
        byte[] buffer = new byte[65_536];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            if (holder != null) {
                holder.pass(count);
            }
            out.write(buffer, 0, count);
        }
    }

    /** From now on nothing that these connections send arrives; later ones are not affected. */
    void holdPresent() {
        pairs.forEach(pair -> pair.hold(true));
    }

    /** What arrived here and was not passed on, so far. */
    long heldBytes() {
        return pairs.stream().mapToLong(Pair::heldBytes).sum();
    }

    /** Everything goes on its way now. */
    void release() {
        pairs.forEach(pair -> pair.hold(false));
    }

    private static void daemon(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException | InterruptedException ended) {
                        // one side has closed
                    }
                },
                "holding-relay");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Pair pair : new ArrayList<>(pairs)) {
            pair.client.close();
            pair.server.close();
        }
    }
}
