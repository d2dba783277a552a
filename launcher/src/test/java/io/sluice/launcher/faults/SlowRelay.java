package io.sluice.launcher.faults;

import io.sluice.testing.FreePorts;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/** A way to a server on this machine that takes its time in both directions, and can be cut. */
final class SlowRelay implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 << 10;

    /** What was read, and when it may go on. */
    private static final class Piece {

        private final byte[] bytes;
        private final long dueNanos;

        Piece(byte[] bytes, long dueNanos) {
            this.bytes = bytes;
            this.dueNanos = dueNanos;
        }
    }

    private final int port = FreePorts.next();
    private final int target;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile Duration delay;
    private volatile boolean cut;

    private SlowRelay(int target, Duration delay, ServerSocket listener) {
        this.target = target;
        this.delay = delay;
        this.listener = listener;
    }

    static SlowRelay to(int target, Duration delay) throws IOException {
        ServerSocket listener = new ServerSocket();
        SlowRelay relay = new SlowRelay(target, delay, listener);
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), relay.port));
        thread(relay::accept);
        return relay;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /** Of each direction, for what comes from now on. */
    void delay(Duration next) {
        delay = next;
    }

    /** Connections break, and there are no new ones until it is healed. */
    void cut(boolean now) {
        cut = now;
        if (now) {
            sockets.forEach(SlowRelay::closeQuietly);
        }
    }

    private static void thread(Runnable task) {
        Thread thread = new Thread(task, "slow-relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket from = listener.accept();
                sockets.add(from);
                if (cut) {
                    closeQuietly(from);
                } else {
                    Socket to = new Socket(InetAddress.getLoopbackAddress(), target);
                    sockets.add(to);
                    join(from, to);
                    join(to, from);
                }
            } catch (IOException e) {
                LockSupport.parkNanos(1_000_000); // the target is away, or this is over
            }
        }
    }

    private void join(Socket from, Socket to) {
        BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
        thread(() -> read(from, pieces));
        thread(() -> write(pieces, to));
    }

    /** The end of a connection is a piece without bytes. */
    private void read(Socket from, BlockingQueue<Piece> pieces) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                pieces.add(new Piece(Arrays.copyOf(buffer, count), System.nanoTime() + delay.toNanos()));
            }
        } catch (IOException e) {
            closeQuietly(from);
        }
        pieces.add(new Piece(new byte[0], System.nanoTime()));
    }

    private static void write(BlockingQueue<Piece> pieces, Socket to) {
        try {
            OutputStream out = to.getOutputStream();
            for (Piece piece = pieces.take(); piece.bytes.length > 0; piece = pieces.take()) {
                for (long left = piece.dueNanos - System.nanoTime();
                        left > 0;
                        left = piece.dueNanos - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                out.write(piece.bytes);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            closeQuietly(to);
        }
        closeQuietly(to);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError("a socket that does not close", e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        sockets.forEach(SlowRelay::closeQuietly);
    }
}
