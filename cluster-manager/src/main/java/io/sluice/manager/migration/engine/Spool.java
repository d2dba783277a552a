package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Frames on their way from the thread that reads the source to the one that writes the target, on disk, so that the reader
 * never waits for the target. A file that is full and has been read is deleted at once.
 *
 * <pre>
 *   append ─▶ [ file n ] … [ file 2 ][ file 1 ] ─▶ next
 * </pre>
 *
 * One thread appends, one reads; {@link #close} by any.
 */
final class Spool implements AutoCloseable {

    private static final int FILE_BYTES = 64 << 20;
    private static final int BUFFER_BYTES = 1 << 20;

    /** A wait for less may not be one. */
    private static final long MIN_WAIT_NANOS = 1_000_000;

    private static final class Segment {
        final Path path;
        final FileChannel channel;
        long written;

        Segment(Path path) throws IOException {
            this.path = path;
            channel = FileChannel.open(
                    path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        }

        void delete() throws IOException {
            channel.close();
            Files.deleteIfExists(path);
        }
    }

    private final Path folder;
    private final String name;
    private final Deque<Segment> segments = new ArrayDeque<>();
    private ByteBuffer pending = ByteBuffer.allocate(BUFFER_BYTES);
    private long limit;
    private ByteBuffer block = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
    private long readAt;
    private long waitingBytes;
    private long appended;
    private long taken;
    private int made;
    private boolean closed;
    private boolean woken;

    /** Files are called {@code name-N.spool}; those of an earlier attempt are deleted. */
    Spool(Path folder, String name, long limit) throws CopyException {
        this.folder = folder;
        this.name = name;
        this.limit = limit;
        try {
            Files.createDirectories(folder);
            try (var old = Files.newDirectoryStream(folder, name + "-*.spool")) {
                for (Path path : old) {
                    Files.delete(path);
                }
            }
        } catch (IOException e) {
            throw broken(e);
        }
    }

    synchronized void limit(long bytes) {
        limit = bytes;
    }

    /** Puts a frame in; fails when more waits than the limit allows. */
    synchronized void append(Frame frame) throws CopyException {
        int size = frame.size();
        if (waitingBytes + size > limit) {
            throw new CopyException(
                    Kind.OVERRUN,
                    "The spool is full: " + (waitingBytes >> 20)
                            + " MiB wait for the target; it is too slow, or the copy was paused for too long");
        }
        try {
            if (pending.remaining() < size) {
                flush();
            }
            if (pending.capacity() < size) {
                ByteBuffer large = ByteBuffer.allocate(size);
                frame.writeTo(large);
                write(large.flip());
            } else {
                frame.writeTo(pending);
            }
        } catch (IOException e) {
            throw broken(e);
        }
        waitingBytes += size;
        appended++;
        if (appended == taken + 1) {
            notifyAll();
        }
    }

    private void flush() throws IOException {
        if (pending.position() > 0) {
            write(pending.flip());
            pending = pending.clear();
        }
    }

    private void write(ByteBuffer bytes) throws IOException {
        Segment last = segments.peekLast();
        if (last == null || last.written >= FILE_BYTES) {
            last = new Segment(folder.resolve(name + "-" + made++ + ".spool"));
            segments.addLast(last);
        }
        while (bytes.hasRemaining()) {
            last.written += last.channel.write(bytes, last.written);
        }
    }

    /** Whoever waits for a frame waits no longer. */
    synchronized void wake() {
        woken = true;
        notifyAll();
    }

    /** The oldest frame, or null if none comes within this time, or before a {@link #wake}. */
    synchronized @Nullable Frame next(long millis) throws CopyException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try {
            while (appended == taken && !closed && !woken) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return null;
                }
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, MIN_WAIT_NANOS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
        woken = false;
        return closed || appended == taken ? null : read();
    }

    private Frame read() throws CopyException {
        try {
            dropRead();
            if (segments.isEmpty() || segments.getFirst().written == readAt) {
                flush();
                dropRead();
            }
            FileChannel first = segments.getFirst().channel;
            load(first, Frame.SIZE_BYTES);
            int size = Frame.sizeAt(block);
            load(first, size);
            Frame frame = Frame.read(block);
            readAt += size;
            waitingBytes -= size;
            taken++;
            return frame;
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** Until so many bytes from {@code readAt} on are in the block. A frame is never in two files. */
    private void load(FileChannel file, int least) throws IOException {
        if (block.remaining() >= least) {
            return;
        }
        ByteBuffer more = block.capacity() == Math.max(BUFFER_BYTES, least)
                ? block.compact()
                : ByteBuffer.allocate(Math.max(BUFFER_BYTES, least)).put(block);
        while (more.position() < least) {
            if (file.read(more, readAt + more.position()) < 0) {
                throw new EOFException("A frame of the spool is cut off at " + readAt);
            }
        }
        block = more.flip();
    }

    private void dropRead() throws IOException {
        Segment first = segments.peekFirst();
        if (first != null && first.written == readAt && readAt >= FILE_BYTES) {
            segments.removeFirst();
            first.delete();
            readAt = 0;
        }
    }

    synchronized boolean isEmpty() {
        return appended == taken;
    }

    synchronized long waitingBytes() {
        return waitingBytes;
    }

    private CopyException broken(IOException e) {
        return new CopyException(Kind.OVERRUN, "The spool in " + folder + " cannot be used: " + e);
    }

    /** Deletes its files. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
        for (Segment segment : segments) {
            try {
                segment.delete();
            } catch (IOException e) {
                segment.path.toFile().deleteOnExit();
            }
        }
        segments.clear();
    }
}
