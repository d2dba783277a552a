package io.sluice.proxy.testing;

import org.jspecify.annotations.Nullable;

/**
 * Between what bounds a counter lies that one client alone raises by one at a time. Each raise whose fate an error left open
 * may have come to pass once, never twice. What holds for {@link KeptValue} holds here.
 */
final class KeptCounter {

    private final String key;
    private long least;
    private long most;

    KeptCounter(String key) {
        this.key = key;
    }

    /** Fails unless one more than it may have been is this. */
    void raised(@Nullable Object reply) {
        check(reply, least + 1, most + 1);
    }

    void perhapsRaised() {
        most++;
    }

    /** Fails unless it may be this. */
    void found(@Nullable Object reply) {
        check(reply == null ? Long.valueOf(0) : Long.valueOf(reply.toString()), least, most);
    }

    private void check(@Nullable Object reply, long from, long to) {
        if (!(reply instanceof Long value) || value < from || value > to) {
            throw new AssertionError("%s is %s instead of %s to %s".formatted(key, reply, from, to));
        }
        least = value;
        most = value;
    }

    boolean wasRaised() {
        return least > 0;
    }
}
