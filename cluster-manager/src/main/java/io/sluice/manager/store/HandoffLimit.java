package io.sluice.manager.store;

import io.sluice.routing.config.ScalarType;
import java.util.Locale;
import java.util.Optional;

/** What may be limited of a handoff; each within bounds, and {@link #AUTO} for what the manager's file says. */
public enum HandoffLimit {
    KEYS_PER_SECOND(1, 10_000_000, false),
    /** Of values, as they travel. */
    BYTES_PER_SECOND(1024, Integer.MAX_VALUE, true),
    /** Without a reply, on one connection. */
    OUTSTANDING_COMMANDS(1, 10_000, false),
    /** That wait on the manager's disk. */
    SPOOL_BYTES(1 << 20, 1L << 40, true),
    /** The copy slows down while one of a hundred pings of the target takes longer. */
    SLOW_DOWN_ABOVE_MS(1, 10_000, false);

    /** As the manager's file has it. */
    public static final long AUTO = 0;

    private static final String AUTO_WORD = "auto";

    private final long least;
    private final long most;
    private final boolean bytes;

    HandoffLimit(long least, long most, boolean bytes) {
        this.least = least;
        this.most = most;
        this.bytes = bytes;
    }

    private Optional<Long> number(String text) {
        return text.equals(AUTO_WORD)
                ? Optional.of(AUTO)
                : ScalarType.wholeNumber(text, (int) least, (int) most).map(Integer::longValue);
    }

    /** As it is written in orders, in requests and, with hyphens, on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads one, within its bounds; {@code auto} is {@link #AUTO}. */
    public ScalarType<Long> type() {
        return bytes
                ? ScalarType.bytesOrAuto(least, most, AUTO)
                : ScalarType.of("a limit", "a number from " + least + " to " + most + ", or auto", this::number);
    }

    /** For people. */
    static String text(long value) {
        return value == AUTO ? AUTO_WORD : Long.toString(value);
    }
}
