package io.sluice.proxy.testing;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Threads that do the same again and again until the time is over or one of them has met something wrong. */
public final class Crowd implements AutoCloseable {

    /** What one thread does, round after round. What it throws ends all. */
    public interface Round {
        void go(SplittableRandom random) throws Exception;

        /** After the last round. */
        default void leave() throws IOException {}
    }

    private static final Duration LONGEST_ROUND = Duration.ofSeconds(60);
    private static final Duration LONGEST_EXTENSION = Duration.ofSeconds(60);
    private static final Duration EXTENSION = Duration.ofMillis(100);

    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch somethingWrong = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> problem = new AtomicReference<>();
    private volatile boolean over;

    /** A thread with randomness of its own. */
    public void add(String name, SplittableRandom random, Round round) {
        SplittableRandom own = random.split();
        Thread thread = new Thread(() -> repeat(round, own), name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void repeat(Round round, SplittableRandom random) {
        try {
            while (!over) {
                round.go(random);
            }
            round.leave();
        } catch (Throwable e) {
            problem.compareAndSet(null, e);
            somethingWrong.countDown();
        }
    }

    /** Returns when that time is over; throws what went wrong before, with {@code seed}. */
    public void work(Duration time, Seed seed) throws InterruptedException {
        somethingWrong.await(time.toNanos(), TimeUnit.NANOSECONDS);
        throwProblem(seed);
    }

    /** The same, and longer where the machine is slow: until enough is done, for a minute more at most. */
    public void work(Duration time, BooleanSupplier enough, Seed seed) throws InterruptedException {
        work(time, seed);
        long begun = System.nanoTime();
        while (!enough.getAsBoolean() && System.nanoTime() - begun < LONGEST_EXTENSION.toNanos()) {
            work(EXTENSION, seed);
        }
    }

    /** Lets every thread finish its round; throws what went wrong, with {@code seed}. */
    public void finish(Seed seed) throws InterruptedException {
        over = true;
        for (Thread thread : threads) {
            thread.join(LONGEST_ROUND.toMillis());
            if (thread.isAlive()) {
                throw stuck(thread, seed);
            }
        }
        throwProblem(seed);
    }

    private static AssertionError stuck(Thread thread, Seed seed) {
        AssertionError error = new AssertionError(seed + ": " + thread.getName() + " does not finish");
        error.setStackTrace(thread.getStackTrace());
        return error;
    }

    private void throwProblem(Seed seed) {
        Throwable wrong = problem.get();
        if (wrong != null) {
            throw new AssertionError(seed + ": " + wrong.getMessage(), wrong);
        }
    }

    @Override
    public void close() {
        over = true;
    }
}
