package io.sluice.proxy.admission;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Says something at most every now and then, and how often it would have been said meanwhile: what strangers can cause
 * must not fill the log. Thread-safe.
 */
public final class SeldomLog {

    /** Between two lines of the same kind. */
    public static final Duration PERIOD = Duration.ofSeconds(10);

    private final AtomicLong silentUntil;
    private final AtomicLong unsaid = new AtomicLong();

    /** Ready to say something at the time {@code now}. */
    public SeldomLog(long now) {
        this.silentUntil = new AtomicLong(now);
    }

    /**
     * Says it through {@code line}, which gets how many times it happened since the last line, or keeps silent.
     * {@code now} is on the scale of {@link System#nanoTime()}.
     */
    public void say(long now, LongConsumer line) {
        unsaid.incrementAndGet();
        long until = silentUntil.get();
        if (now - until >= 0 && silentUntil.compareAndSet(until, now + PERIOD.toNanos())) {
            line.accept(unsaid.getAndSet(0));
        }
    }
}
