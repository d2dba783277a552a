package io.sluice.launcher.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Chooses the ports of a demo. Nothing is started before the first proxy's port is known to be free. */
final class LoopbackPorts {

    static final String HOST = "127.0.0.1";

    private static final int MAX_PORT = 65_535;

    private LoopbackPorts() {}

    /**
     * Ports that are free, none of them {@code wanted}: for each that is preferred that one, or another where it is taken,
     * then {@code count} more. Throws if {@code wanted} is taken.
     */
    static List<Integer> choose(int wanted, List<Integer> preferred, int count) throws DemoException {
        List<ServerSocket> held = new ArrayList<>(); // all at once, so that no port comes twice
        try {
            held.add(bindWanted(wanted));
            for (int port : preferred) {
                held.add(bindPreferred(port));
            }
            bindFree(count, held);
            return held.stream().skip(1).map(ServerSocket::getLocalPort).toList();
        } catch (IOException e) {
            throw noneFree(e);
        } finally {
            held.forEach(LoopbackPorts::release);
        }
    }

    /** Ports that are free, each another one. */
    static List<Integer> free(int count) throws DemoException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            bindFree(count, held);
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } catch (IOException e) {
            throw noneFree(e);
        } finally {
            held.forEach(LoopbackPorts::release);
        }
    }

    private static void bindFree(int count, List<ServerSocket> held) throws IOException {
        for (int i = 0; i < count; i++) {
            held.add(bind(0));
        }
    }

    private static DemoException noneFree(IOException e) {
        return new DemoException("no free port on " + HOST + ": " + e.getMessage(), e);
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

    private static ServerSocket bindPreferred(int port) throws IOException {
        try {
            return bind(port > MAX_PORT ? 0 : port);
        } catch (IOException taken) {
            return bind(0);
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
