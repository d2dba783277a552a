package io.sluice.manager.migration.engine;

import java.util.Arrays;
import java.util.List;

/**
 * How many bytes a command is on the wire, as RESP has it. By these all engines count what they send, so a limit means the
 * same for each of them, and what it allows is what the target receives.
 *
 * <pre>
 *   *2\r\n $3\r\nGET\r\n $3\r\nkey\r\n
 * </pre>
 */
final class WireBytes {

    /** The sign and the line end around a number. */
    private static final int AROUND_NUMBER = 3;

    private static final int LINE_END = 2;

    private WireBytes() {}

    /** Of a command with its name and arguments. */
    static long of(List<byte[]> parts) {
        long sum = AROUND_NUMBER + (long) digits(parts.size());
        for (byte[] part : parts) {
            sum += (long) AROUND_NUMBER + digits(part.length) + part.length + LINE_END;
        }
        return sum;
    }

    static long of(byte[]... parts) {
        return of(Arrays.asList(parts));
    }

    private static int digits(int number) {
        int digits = 1;
        for (int left = number / 10; left > 0; left /= 10) {
            digits++;
        }
        return digits;
    }
}
