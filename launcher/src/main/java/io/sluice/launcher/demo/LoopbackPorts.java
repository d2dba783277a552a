package io.sluice.launcher.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Chooses the ports of a demo. Nothing is started before the proxy's own port is known to be free. */
final class LoopbackPorts {

    static final String HOST = "127.0.0.1";

    private LoopbackPorts() {}

    /** Returns {@code count} free ports, none of them {@code wanted}; throws if {@code wanted} is taken. */
    static List<Integer> choose(int wanted, int count) throws DemoException {
        List<ServerSocket> held = new ArrayList<>(); // all at once, so that no port comes twice
        try {
            held.add(bindWanted(wanted));
            List<Integer> ports = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                held.add(bind(0));
                ports.add(held.get(held.size() - 1).getLocalPort());
            }
            return ports;
        } catch (IOException e) {
            throw new DemoException("no free port on " + HOST + ": " + e.getMessage(), e);
        } finally {
            held.forEach(LoopbackPorts::release);
        }
    }

    private static ServerSocket bindWanted(int port) throws DemoException {
        try {
            return bind(port);
        } catch (IOException e) {
            throw new DemoException(
                    "cannot listen on " + HOST + ":" + port + " (" + e.getMessage() + "); choose another with --port",
                    e);
        }
    }

    private static ServerSocket bind(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    }

    private static void release(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("A listener that was never used does not close", e);
        }
    }
}
