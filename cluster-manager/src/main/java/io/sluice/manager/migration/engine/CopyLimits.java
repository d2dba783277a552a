package io.sluice.manager.migration.engine;

import java.time.Duration;

/**
 * How much of the servers a copy may take. Can be changed while it runs.
 *
 * @param keysPerSecond at least 1; stream commands count as keys
 * @param bytesPerSecond at least 1024; of commands to the target, as they are on the wire
 * @param outstandingCommands at most so many commands wait for their replies on a connection
 * @param outstandingBytes at most so many bytes of them, unless a single one is larger
 * @param slowDownAbove when the 99th percentile of PINGs to the target is above this, the copy slows down
 * @param spoolBytes at most so much of the stream waits on the disk
 */
public record CopyLimits(
        int keysPerSecond,
        long bytesPerSecond,
        int outstandingCommands,
        int outstandingBytes,
        Duration slowDownAbove,
        long spoolBytes) {

    public static final CopyLimits DEFAULTS =
            new CopyLimits(50_000, 50L << 20, 1000, 4 << 20, Duration.ofMillis(5), 4L << 30);

    private static final long LEAST_BYTES = 1024;
    private static final long LEAST_SPOOL = 1 << 20;

    /** Throws {@code IllegalArgumentException} with the limit's name when one is too small. */
    public CopyLimits {
        atLeast("keysPerSecond", keysPerSecond, 1);
        atLeast("bytesPerSecond", bytesPerSecond, LEAST_BYTES);
        atLeast("outstandingCommands", outstandingCommands, 1);
        atLeast("outstandingBytes", outstandingBytes, LEAST_BYTES);
        atLeast("slowDownAbove in microseconds", slowDownAbove.toNanos() / 1000, 1);
        atLeast("spoolBytes", spoolBytes, LEAST_SPOOL);
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is at least " + least + ", found " + value);
        }
    }

    public CopyLimits withKeysPerSecond(int keys) {
        return new CopyLimits(keys, bytesPerSecond, outstandingCommands, outstandingBytes, slowDownAbove, spoolBytes);
    }

    public CopyLimits withBytesPerSecond(long bytes) {
        return new CopyLimits(keysPerSecond, bytes, outstandingCommands, outstandingBytes, slowDownAbove, spoolBytes);
    }

    public CopyLimits withSlowDownAbove(Duration ping) {
        return new CopyLimits(keysPerSecond, bytesPerSecond, outstandingCommands, outstandingBytes, ping, spoolBytes);
    }

    public CopyLimits withSpoolBytes(long bytes) {
        return new CopyLimits(
                keysPerSecond, bytesPerSecond, outstandingCommands, outstandingBytes, slowDownAbove, bytes);
    }
}
