package io.sluice.proxy.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A network between somebody and a server that swallows everything while it is cut, and says so to neither. */
public final class CuttableRelay implements AutoCloseable {

    private static final int BUFFER_BYTES = 8192;

    private final ServerSocket listener;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final Object lock = new Object();
    private boolean isCut; // by the lock

    /** To this port of this machine. */
    public CuttableRelay(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        begin(this::accept);
    }

    private static void begin(Runnable task) {
        Thread thread = new Thread(task, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    public String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    public void cut() {
        synchronized (lock) {
            isCut = true;
        }
    }

    /** From now on new connections pass; those of before have broken. */
    public void mend() throws IOException {
        closeAll();
        synchronized (lock) {
            isCut = false;
            lock.notifyAll();
        }
    }

    /** What was sent meanwhile passes now, late, on the connections of before. */
    public void release() {
        synchronized (lock) {
            isCut = false;
            lock.notifyAll();
        }
    }

    private void awaitWhole() throws InterruptedException {
        synchronized (lock) {
            while (isCut) {
                lock.wait();
            }
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket near = listener.accept();
                sockets.add(near);
                begin(() -> connect(near));
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private void connect(Socket near) {
        try {
            awaitWhole();
            Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(far);
            begin(() -> pass(far, near));
            pass(near, far);
        } catch (IOException | InterruptedException e) {
            closeQuietly(near);
        }
    }

    private void pass(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                awaitWhole();
                out.write(buffer, 0, length);
            }
        } catch (IOException | InterruptedException e) {
            closeQuietly(from);
        }
        closeQuietly(to);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void closeAll() {
        sockets.forEach(CuttableRelay::closeQuietly);
        sockets.clear();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        closeAll();
    }
}
