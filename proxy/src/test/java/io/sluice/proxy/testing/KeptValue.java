package io.sluice.proxy.testing;

import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one key may hold that one client alone writes: the last value that was acknowledged, or a later one whose fate its
 * error left open. That no other is right takes a proxy that keeps the order of a client's requests to a server, and gives
 * up no connection to a server that still lives: else an early write could come after a late one.
 */
final class KeptValue {

    private static final int SHOWN = 200;
    private static final int LARGE_EVERY = 199;
    private static final int LARGE = 20_000;
    private static final int SMALL = 30;
    private static final long NOTHING = 0;

    private final String beginning;
    private long sent = NOTHING;
    private long acknowledged = NOTHING;
    private final TreeSet<Long> uncertain = new TreeSet<>();

    KeptValue(String owner, String key) {
        beginning = CheckingClient.MARK + owner + " key=" + key + " number=";
    }

    /** The number of a value that was never sent before. */
    long next() {
        return ++sent;
    }

    /** All of a value follows from its number. */
    String text(long number) {
        int filler = (int) (number % LARGE_EVERY == 0 ? LARGE : number % SMALL);
        return beginning + number + "\r\n" + "x".repeat(filler);
    }

    void written(long number) {
        acknowledged = number;
        uncertain.headSet(number, true).clear();
    }

    void perhapsWritten(long number) {
        uncertain.add(number);
    }

    /** Fails unless the key may hold this. */
    void found(@Nullable Object value) {
        long number = number(value);
        if (number != acknowledged && !uncertain.contains(number)) {
            throw new AssertionError("%s%n holds value %s, acknowledged is %s, uncertain are %s, sent up to %s"
                    .formatted(beginning, number, acknowledged, uncertain, sent));
        }
        written(number);
    }

    private long number(@Nullable Object value) {
        if (value == null) {
            return NOTHING;
        }
        String text = value.toString();
        int end = text.indexOf('\r');
        if (text.startsWith(beginning) && end > 0) {
            long number = Long.parseLong(text.substring(beginning.length(), end));
            if (Objects.equals(value, text(number))) {
                return number;
            }
        }
        throw new AssertionError("%s%n holds what is not its own: %s"
                .formatted(beginning, text.substring(0, Math.min(SHOWN, text.length()))));
    }

    boolean wasWritten() {
        return acknowledged != NOTHING;
    }
}
