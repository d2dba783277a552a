package io.sluice.proxy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Many servers that accept, keep quiet and remember when they were connected to; one thread for all of them. */
public final class ListenerFarm implements AutoCloseable {

    private final Selector selector;
    private final List<ServerSocketChannel> listeners = new ArrayList<>();
    private final Queue<SocketChannel> connections = new ConcurrentLinkedQueue<>();
    private final Queue<Long> acceptedAt = new ConcurrentLinkedQueue<>();

    private ListenerFarm(int servers) throws IOException {
        selector = Selector.open();
        for (int i = 0; i < servers; i++) {
            ServerSocketChannel listener = ServerSocketChannel.open();
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
            listeners.add(listener);
        }
        Thread thread = new Thread(this::acceptAll, "listener-farm");
        thread.setDaemon(true);
        thread.start();
    }

    public static ListenerFarm start(int servers) {
        try {
            return new ListenerFarm(servers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int[] ports() {
        return listeners.stream()
                .mapToInt(listener -> listener.socket().getLocalPort())
                .toArray();
    }

    private void acceptAll() {
        while (selector.isOpen()) {
            try {
                selector.select(this::accept);
            } catch (IOException | RuntimeException closed) {
                return;
            }
        }
    }

    private void accept(SelectionKey key) {
        try {
            SocketChannel accepted = ((ServerSocketChannel) key.channel()).accept();
            if (accepted != null) {
                accepted.setOption(StandardSocketOptions.SO_LINGER, 0); // a restart leaves nothing waiting
                acceptedAt.add(System.nanoTime());
                connections.add(accepted);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int accepts() {
        return acceptedAt.size();
    }

    public int open() {
        return connections.size();
    }

    /** Ends all connections, as servers do that are restarted. */
    public void closeConnections() {
        for (SocketChannel next = connections.poll(); next != null; next = connections.poll()) {
            try {
                next.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The most connections that were accepted within any second. */
    public int mostAcceptsInOneSecond() {
        List<Long> times = List.copyOf(acceptedAt);
        int most = 0;
        int first = 0;
        for (int last = 0; last < times.size(); last++) {
            while (times.get(last) - times.get(first) >= TimeUnit.SECONDS.toNanos(1)) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }

    @Override
    public void close() {
        try {
            for (ServerSocketChannel listener : listeners) {
                listener.close();
            }
            selector.close();
            closeConnections();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
