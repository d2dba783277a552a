package io.sluice.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/**
 * A network between some processes of this machine and one server, which can go bad for all of them or for one. Thread-safe.
 *
 * <pre>
 *   whole     ──▶ everything passes, after the delay
 *   cut       ─╳  nothing passes, and nobody is told; connections of this time break when it heals
 *   refusing  ◀─R connections are reset, new ones too
 * </pre>
 */
public final class ToxicRelay implements AutoCloseable {

    private static final int BUFFER_BYTES = 1 << 16;

    private static final Pattern SPACES = Pattern.compile("\\s+");

    /** Stands for all processes. */
    private static final long EVERYBODY = -1;

    private enum Condition {
        WHOLE,
        CUT,
        REFUSING
    }

    private final ServerSocket listener;
    private final int target;
    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final Set<Long> cutOff = ConcurrentHashMap.newKeySet(); // process ids
    private final Set<Long> refused = ConcurrentHashMap.newKeySet();
    private final Object change = new Object();
    private volatile long delayNanos;
    private volatile boolean closed;

    private ToxicRelay(int target) {
        this.target = target;
        try {
            this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        begin(this::accept);
    }

    /** To this port of this machine. */
    public static ToxicRelay to(int port) {
        return new ToxicRelay(port);
    }

    public int port() {
        return listener.getLocalPort();
    }

    public String address() {
        return "127.0.0.1:" + port();
    }

    // ---- what becomes of it

    /** Nothing passes any more, of anybody. */
    public void cut() {
        cut(EVERYBODY);
    }

    /** Nothing passes any more of the process of this id. */
    public void cut(long process) {
        cutOff.add(process);
        judgeAll();
    }

    /** Connections are reset, and so are new ones. */
    public void refuse() {
        refuse(EVERYBODY);
    }

    /** The same for the process of this id. */
    public void refuse(long process) {
        refused.add(process);
        judgeAll();
    }

    /** Each piece, of either direction, takes so much longer. */
    public void delay(Duration delay) {
        delayNanos = delay.toNanos();
    }

    /** Everybody's requests end here, while replies still come: a half-close. */
    public void endRequests() {
        lines.forEach(Line::endRequests);
    }

    /** As new. What was cut is reset, as by a host that forgot the connection. */
    public void heal() {
        cutOff.clear();
        refused.clear();
        delayNanos = 0;
        lines.stream().filter(line -> line.condition != Condition.WHOLE).forEach(Line::reset);
        synchronized (change) {
            change.notifyAll();
        }
    }

    /** Connections that pass through it now. */
    public int connections() {
        return lines.size();
    }

    private void judgeAll() {
        lines.forEach(Line::judge);
    }

    private boolean concerns(Set<Long> processes, Socket near) {
        return processes.contains(EVERYBODY)
                || processes.stream().anyMatch(process -> process != EVERYBODY && isOf(process, near));
    }

    /** Whether the other end belongs to that process, as the kernel has it. */
    private static boolean isOf(long process, Socket near) {
        String there = String.format(":%04X", near.getPort());
        String here = String.format(":%04X", near.getLocalPort());
        try {
            for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
                for (String line : Files.readAllLines(Path.of(table))) {
                    String[] columns = SPACES.split(line.strip(), -1);
                    if (columns.length > 9 && columns[1].endsWith(there) && columns[2].endsWith(here)) {
                        return holds(process, "socket:[" + columns[9] + "]");
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return false;
    }

    private static boolean holds(long process, String socket) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc/" + process + "/fd"))) {
            for (Path file : files) {
                if (isLink(file, socket)) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false; // it has ended
        }
        return false;
    }

    private static boolean isLink(Path file, String to) {
        try {
            return Files.readSymbolicLink(file).toString().equals(to);
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    // ---- connections

    private static void begin(Runnable task) {
        Thread thread = new Thread(task, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (!closed) {
                Socket near = listener.accept();
                begin(() -> connect(near));
            }
        } catch (IOException e) {
            if (!closed) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void connect(Socket near) {
        Line line = new Line(near);
        lines.add(line);
        try {
            line.judge();
            line.awaitWhole();
            line.open();
        } catch (IOException | InterruptedException e) {
            line.reset();
        }
    }

    /** One connection, and the one that goes on from here. */
    private final class Line {
        private final Socket near;
        private final Socket far = new Socket();
        private volatile Condition condition = Condition.WHOLE;

        Line(Socket near) {
            this.near = near;
        }

        void judge() {
            if (concerns(refused, near)) {
                condition = Condition.REFUSING;
                reset();
            } else if (concerns(cutOff, near)) {
                condition = Condition.CUT;
            }
        }

        void open() throws IOException {
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            far.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), target));
            begin(() -> pass(far, near));
            pass(near, far);
        }

        void awaitWhole() throws InterruptedException {
            synchronized (change) {
                while (condition == Condition.CUT && !near.isClosed()) {
                    change.wait();
                }
            }
        }

        private void pass(Socket from, Socket to) {
            byte[] buffer = new byte[BUFFER_BYTES];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                    long delay = delayNanos;
                    if (delay > 0) {
                        LockSupport.parkNanos(delay);
                    }
                    awaitWhole();
                    out.write(buffer, 0, length);
                }
                awaitWhole();
                to.shutdownOutput();
                if (from.isOutputShutdown()) {
                    close();
                }
            } catch (IOException | InterruptedException e) {
                reset();
            }
        }

        void endRequests() {
            try {
                far.shutdownOutput();
            } catch (IOException e) {
                reset();
            }
        }

        void reset() {
            hurry(near);
            hurry(far);
            close();
        }

        /** Its end is a reset. */
        private void hurry(Socket socket) {
            try {
                socket.setSoLinger(true, 0);
            } catch (IOException e) {
                lines.remove(this); // closed already
            }
        }

        void close() {
            lines.remove(this);
            for (Socket socket : List.of(near, far)) {
                try {
                    socket.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            synchronized (change) {
                change.notifyAll();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        lines.forEach(Line::reset);
    }
}
