package io.sluice.proxy;

import io.sluice.proxy.transport.ControlSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control socket of a running proxy, where a new process asks to take over: listening sockets and clients go there,
 * and this one ends. Only its own user can connect. May be used from any thread.
 *
 * <pre>
 *   new                               old
 *   TAKE-OVER 1          ─────────▶
 *                        ◀─────────   LISTENERS n last-id, then n times: address, descriptor
 *   accepts as well; READY ───────▶   closes its copies, and its admin address
 *                        ◀─────────   CLIENTS, then for each: CLIENT pool id state length, bytes, descriptor
 *                        ◀─────────   END                                        once none is left
 * </pre>
 *
 * If the new one goes before READY, nothing has changed.
 */
public final class Handover implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Handover.class);

    static final String HELLO = "TAKE-OVER 1";
    static final String READY = "READY";

    /** How long the new process may take to start once it has the listening sockets, and for everything else. */
    static final Duration LIMIT = Duration.ofSeconds(60);

    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

    private final Proxy proxy;
    private final Path path;
    private volatile ControlSocket listening;
    private volatile @Nullable Object file; // which file at the path is ours
    private final Runnable whenGone;
    private volatile boolean closed;

    private Handover(Proxy proxy, Path path, ControlSocket listening, @Nullable Object file, Runnable whenGone) {
        this.proxy = proxy;
        this.path = path;
        this.listening = listening;
        this.file = file;
        this.whenGone = whenGone;
    }

    /**
     * Listens for a process that wants to take over, in place of whoever has listened there before.
     *
     * @param path of the control socket, in a folder that only our user may write to
     * @param whenGone run once everything has been handed over; the process has nothing left to do
     */
    public static Handover listen(Proxy proxy, Path path, Runnable whenGone) throws IOException {
        ControlSocket listening = bind(path);
        Handover handover = new Handover(proxy, path, listening, keyOf(path), whenGone);
        Thread thread = new Thread(handover::run, "control");
        thread.setDaemon(true);
        thread.start();
        return handover;
    }

    private static ControlSocket bind(Path path) throws IOException {
        Path temporary = Path.of(path + "." + ProcessHandle.current().pid());
        Files.deleteIfExists(temporary);
        ControlSocket listening = ControlSocket.listen(temporary.toString());
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-------"));
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return listening;
    }

    private static @Nullable Object keyOf(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    private void run() {
        boolean gone = false;
        while (!closed && !gone) {
            try (ControlSocket asking = listening.accept()) {
                if (asking == null) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                } else {
                    gone = serve(new ControlConversation(asking, LIMIT));
                }
            } catch (IOException e) {
                log.warn("No take-over came about, still serving: error={}", e.getMessage());
                proxy.seat().reclaim();
                comeBack();
            } catch (RuntimeException | Error e) {
                log.error("Take-over failed", e);
            }
        }
        if (gone) {
            listening.close();
            whenGone.run();
        }
    }

    /** The process that was to take over listened here in our place, and has gone. */
    private void comeBack() {
        if (closed || !proxy.isReady() || Objects.equals(file, keyOf(path))) {
            return;
        }
        try {
            ControlSocket again = bind(path);
            listening.close();
            listening = again;
            file = keyOf(path);
        } catch (IOException e) {
            log.warn("No control socket, another process cannot take over: path={} error={}", path, e.getMessage());
        }
    }

    private boolean serve(ControlConversation asking) throws IOException {
        if (!asking.readLine().equals(HELLO)) {
            asking.sendLine("ERROR not understood");
            return false;
        }
        if (!proxy.offerListeners(asking)) {
            asking.sendLine("ERROR the proxy is stopping, or its transport cannot hand sockets over");
            return false;
        }
        log.info("Another process is about to take over");
        if (!asking.readLine().equals(READY)) {
            throw new IOException("the other process is not ready");
        }
        proxy.handOver(asking);
        return true;
    }

    @Override
    public void close() {
        closed = true;
        listening.close();
        try {
            if (file != null && file.equals(keyOf(path))) { // not that of a process that has taken over
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            log.debug("Left behind: path={}", path, e);
        }
    }
}
