package io.sluice.proxy.topology;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file beside the last good one, which one process can hold at a time, for as long as it lives: whoever holds it knows
 * that all who held it before have ended, however they ended. Two lines: who the home is, and whether its proxy has left
 * the cluster. The latter is kept where files cannot be locked, too. Used by one thread; blocks.
 *
 * <pre>
 *   2f1c...-...          another one for each file, so that two machines have two homes
 *   member | left
 * </pre>
 */
final class Home implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Home.class);

    private static final String MEMBER = "member";
    private static final String LEFT = "left";
    private static final int MAX_BYTES = 256;

    /** Locks what is open: null if another process has done so. */
    interface Locker {
        @Nullable FileLock lock(FileChannel opened) throws IOException;
    }

    private final Path file;
    private final Locker locker;
    private @Nullable FileChannel channel; // stays open: closing any would give the lock up
    private @Nullable FileLock lock;
    private volatile String id = "";
    private volatile boolean left;
    private volatile boolean held;
    private boolean lockless; // files cannot be locked there, by nobody
    private boolean failing;

    private Home(Path file, Locker locker) {
        this.file = file;
        this.locker = locker;
    }

    /** Holds it if nobody else does. A file that cannot be used is logged: this process has no home then. */
    static Home open(Path file) {
        return open(file, FileChannel::tryLock);
    }

    /** The same with locks of the caller's. */
    static Home open(Path file, Locker locker) {
        Home home = new Home(file.toAbsolutePath(), locker);
        home.hold();
        return home;
    }

    Path path() {
        return file;
    }

    /** Who this home is; empty if it has none. From any thread. */
    String id() {
        return id;
    }

    /** Whether no other process can live here as long as this one does. From any thread. */
    boolean isHeld() {
        return held;
    }

    /** Whether the proxy that lived here has told its cluster that it goes: nobody waits for it since. */
    boolean hasLeft() {
        return left;
    }

    /** Tries to hold it; true if that went well now, and not before. */
    boolean hold() {
        if (held) {
            return false;
        }
        try {
            FileChannel opened = opened();
            lock = tryLock(opened);
            held = lock != null;
            read(opened);
            failing = lockless;
        } catch (IOException e) {
            fail(e);
        }
        return held;
    }

    private FileChannel opened() throws IOException {
        FileChannel opened = channel;
        if (opened == null) {
            Path folder = file.getParent();
            if (folder != null && !Files.isDirectory(folder)) { // which may be a link, as those of systemd are
                Files.createDirectories(folder);
            }
            opened = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            channel = opened;
        }
        return opened;
    }

    /** Where files cannot be locked nothing is proved by this one; but that its proxy has left must be known all the same. */
    private @Nullable FileLock tryLock(FileChannel opened) {
        lockless = false;
        try {
            return locker.lock(opened);
        } catch (OverlappingFileLockException e) {
            return null; // this very process holds it, as tests do
        } catch (IOException e) {
            fail(e);
            lockless = true;
            return null;
        }
    }

    /** Whoever holds it and finds nothing makes it a home. */
    private void read(FileChannel opened) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
        int length = opened.read(bytes, 0);
        String text = length <= 0 ? "" : new String(bytes.array(), 0, length, StandardCharsets.UTF_8);
        Optional<String> found = text.lines().findFirst().filter(Home::isId);
        if (found.isPresent()) {
            id = found.get();
            left = !text.lines().skip(1).findFirst().orElse("").equals(MEMBER);
        } else if (isOurs()) {
            String made = UUID.randomUUID().toString();
            write(opened, made, !text.isEmpty()); // damaged: it may have left
            id = made;
            left = !text.isEmpty();
        }
    }

    private boolean isOurs() {
        return held || lockless;
    }

    private static boolean isId(String line) {
        try {
            return UUID.fromString(line).toString().equals(line);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** From now on the cluster waits for the proxy that lives here, or does not; on the disk when this returns. */
    void left(boolean now) {
        FileChannel opened = channel;
        if (!isOurs() || opened == null || left == now) {
            return;
        }
        try {
            write(opened, id, now);
            left = now;
        } catch (IOException e) {
            fail(e);
        }
    }

    private static void write(FileChannel to, String id, boolean left) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.wrap((id + "\n" + (left ? LEFT : MEMBER) + "\n").getBytes(StandardCharsets.UTF_8));
        long length = bytes.remaining();
        to.write(bytes, 0);
        to.truncate(length);
        to.force(true);
    }

    private void fail(IOException cause) {
        if (!failing) {
            log.warn(
                    "Cannot prove to the cluster that former processes of this proxy have ended: file={} error={}",
                    file,
                    cause.toString());
        }
        failing = true;
    }

    @Override
    public void close() {
        try {
            FileChannel opened = channel;
            if (opened != null) {
                opened.close();
            }
        } catch (IOException e) {
            log.debug("Not closed: file={}", file, e);
        }
        held = false;
    }
}
