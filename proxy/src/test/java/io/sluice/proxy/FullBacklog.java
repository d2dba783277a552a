package io.sluice.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** A port that listens, accepts nobody, and whose queue is full: further attempts to connect get no answer at all. */
final class FullBacklog implements AutoCloseable {

    private static final int MOST_FILLERS = 20;
    private static final int NO_ANSWER_MILLIS = 200;

    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final List<Socket> fillers = new ArrayList<>();

    FullBacklog() throws IOException {
        for (int i = 0; i < MOST_FILLERS && fill(); i++) {}
    }

    /** False when the attempt was not answered, so the queue is full. */
    private boolean fill() throws IOException {
        Socket filler = new Socket();
        fillers.add(filler);
        try {
            filler.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), NO_ANSWER_MILLIS);
            return true;
        } catch (SocketTimeoutException full) {
            return false;
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        for (Socket filler : fillers) {
            filler.close();
        }
        listener.close();
    }
}
