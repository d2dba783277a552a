package io.sluice.proxy.transport;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether an event loop that has work has to wait for a processor: what Linux tells of its thread in
 * {@code /proc/thread-self/schedstat} (time on a processor, time ready but waiting for one, both in nanoseconds). Where
 * that is not told it counts as not waiting. Event-loop only.
 */
final class RunDelay implements AutoCloseable {

    /** How often it is looked at most, in nanoseconds: each look is two system calls. */
    static final long LOOK_EVERY_NANOS = 20_000_000;

    /** Of the time, this share has to be waited for it to count: one in so many. */
    static final int COUNTS_FROM = 10;

    private static final String FILE = "/proc/thread-self/schedstat";
    private static final int MOST_BYTES = 64;

    /** Tells the contents; nothing is read of what goes beyond the room. */
    interface Source extends AutoCloseable {

        /** The bytes put into {@code room}; negative if there is nothing. */
        int read(byte[] room) throws IOException;

        @Override
        void close() throws IOException;
    }

    /** Opens the source; on the loop's own thread. */
    interface Opening {
        Source open() throws IOException;
    }

    private final Opening opening;
    private final LongSupplier nanoTime;
    private final byte[] room = new byte[MOST_BYTES];
    private @Nullable Source source;
    private boolean unknown;
    private boolean high;
    private long lookedAt;
    private long waited = -1;

    RunDelay(Opening opening, LongSupplier nanoTime) {
        this.opening = opening;
        this.nanoTime = nanoTime;
        this.lookedAt = nanoTime.getAsLong();
    }

    static RunDelay ofThisThread() {
        return new RunDelay(ThreadFile::new, System::nanoTime);
    }

    /** Of the time between the last two looks. */
    boolean isHigh() {
        long now = nanoTime.getAsLong();
        if (!unknown && now - lookedAt >= LOOK_EVERY_NANOS) {
            look(now);
        }
        return high;
    }

    private void look(long now) {
        long before = waited;
        waited = read();
        high = before >= 0 && waited >= 0 && (waited - before) * COUNTS_FROM >= now - lookedAt;
        lookedAt = now;
    }

    private long read() {
        try {
            Source from = source;
            if (from == null) {
                from = opening.open();
                source = from;
            }
            return secondNumber(from.read(room));
        } catch (IOException e) { // not Linux, or not told here
            unknown = true;
            return -1;
        }
    }

    private long secondNumber(int length) throws IOException {
        int at = 0;
        while (at < length && room[at] != ' ') {
            at++;
        }
        long number = 0;
        int digits = 0;
        for (at++; at < length && room[at] >= '0' && room[at] <= '9'; at++, digits++) {
            number = number * 10 + (room[at] - '0');
        }
        if (digits == 0 || number < 0) {
            throw new IOException(FILE + " has no second number");
        }
        return number;
    }

    @Override
    public void close() {
        Source last = source;
        source = null;
        unknown = true;
        high = false;
        if (last != null) {
            try {
                last.close();
            } catch (IOException e) { // nothing is lost with it
                unknown = true;
            }
        }
    }

    /** Of the thread that opens it. */
    private static final class ThreadFile implements Source {
        private final RandomAccessFile file = new RandomAccessFile(FILE, "r");

        private ThreadFile() throws IOException {}

        @Override
        public int read(byte[] room) throws IOException {
            file.seek(0);
            return file.read(room);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
