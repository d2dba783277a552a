package io.sluice.proxy.health;

import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A board of three servers, and all that it depends on: time, and probes. */
final class HealthTrial {

    static final Duration RETRY = Duration.ofSeconds(30);
    static final Duration PROBE_INTERVAL = Duration.ofMillis(500);
    static final int PROBES = 3;

    final VirtualTime time = new VirtualTime();
    final Probes probes = new Probes();

    /** The shares that servers had after each change. */
    final List<String> changes = new ArrayList<>();

    /** So many requests fail there, one after the other. */
    static void fail(HealthBoard board, int server, int times) {
        for (int i = 0; i < times; i++) {
            board.server(server).failed(Signal.CONNECT_FAILED, 1);
        }
    }

    /** So many requests are answered there. */
    static void succeed(HealthBoard board, int server, int times) {
        for (int i = 0; i < times; i++) {
            board.server(server).succeeded();
        }
    }

    /** Lets time pass, and answers probes, until it gets requests again. */
    void takeBack(ServerHealth server) {
        Duration wait = Duration.between(time.now(), server.probedFrom().orElseThrow());
        time.pass(wait);
        while (server.state() == HealthState.PROBING) {
            probes.answer(null);
            if (server.state() == HealthState.PROBING) {
                time.pass(PROBE_INTERVAL.multipliedBy(2));
            }
        }
    }

    /** Three servers; what changes is written down. */
    HealthBoard board(HealthRule rule) {
        return new HealthBoard(
                "alpha",
                List.of(server("a"), server("b"), server("c")),
                rule,
                new HealthBoard.Surroundings(time::after, time::now, time::nanos, new SplittableRandom(5)),
                probes,
                shares -> changes.add(shares.toString()));
    }

    static Server server(String name) {
        return new Server(name, ServerAddress.tcp(name, 6379), 1);
    }

    /** After so many failures in a row a server is left out, for {@link #RETRY} at first. */
    static RuleBuilder rule(int failureLimit) {
        return new RuleBuilder(failureLimit);
    }

    static final class RuleBuilder {
        private final int failureLimit;
        private int percent;
        private int mostEjected = 100;
        private boolean troubleReplies = true;
        private Duration slowStart = Duration.ZERO;

        RuleBuilder(int failureLimit) {
            this.failureLimit = failureLimit;
        }

        RuleBuilder percent(int value) {
            percent = value;
            return this;
        }

        RuleBuilder mostEjected(int value) {
            mostEjected = value;
            return this;
        }

        RuleBuilder troubleReplies(boolean value) {
            troubleReplies = value;
            return this;
        }

        RuleBuilder slowStart(Duration value) {
            slowStart = value;
            return this;
        }

        HealthRule build() {
            return new HealthRule(
                    true,
                    troubleReplies,
                    failureLimit,
                    percent,
                    Duration.ofSeconds(10),
                    RETRY,
                    Duration.ofMinutes(5),
                    PROBE_INTERVAL,
                    PROBES,
                    mostEjected,
                    slowStart);
        }
    }

    /** Time that passes when told to. */
    static final class VirtualTime {
        private record Task(Instant due, int number, Runnable what) {}

        private final PriorityQueue<Task> tasks =
                new PriorityQueue<>(Comparator.comparing(Task::due).thenComparing(Task::number));
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");
        private int number;

        synchronized void after(Duration delay, Runnable what) {
            tasks.add(new Task(now.plus(delay), number++, what));
        }

        /** How many tasks wait for their time. */
        int scheduled() {
            return tasks.size();
        }

        Instant now() {
            return now;
        }

        long nanos() {
            return Duration.between(Instant.EPOCH, now).toNanos();
        }

        void pass(Duration duration) {
            Instant end = now.plus(duration);
            for (Task next = tasks.peek(); next != null && !next.due().isAfter(end); next = tasks.peek()) {
                tasks.remove();
                now = next.due();
                next.what().run();
            }
            now = end;
        }
    }

    /** Probes that wait for their answers. */
    static final class Probes implements Prober {
        private final List<Consumer<@Nullable String>> waiting = new ArrayList<>();

        @Override
        public void probe(Server server, Consumer<@Nullable String> done) {
            waiting.add(done);
        }

        List<Consumer<@Nullable String>> waiting() {
            return waiting;
        }

        void answer(@Nullable String problem) {
            waiting.remove(0).accept(problem);
        }
    }
}
