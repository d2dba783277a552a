package io.sluice.launcher.ctl;

import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Publishers that number their messages, and subscribers that must hear each number once, in order. */
final class Messages implements AutoCloseable {

    private static final long PAUSE_NANOS = 2_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String END = "end";

    private final List<Thread> publishers = new ArrayList<>();
    private final List<Thread> subscribers = new ArrayList<>();
    private final Queue<String> problems = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicInteger heard = new AtomicInteger();

    private Messages() {}

    /** A channel for each publisher; subscribers at every proxy, of which each hears all channels. */
    static Messages start(List<Integer> ports, int channels) throws InterruptedException {
        Messages all = new Messages();
        CountDownLatch ready = new CountDownLatch(ports.size());
        for (int port : ports) {
            all.start(all.subscribers, "hears-" + port, () -> all.subscribe(port, channels, ready));
        }
        if (!ready.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("no subscription: " + all.problems);
        }
        for (int i = 0; i < channels; i++) {
            int number = i;
            all.start(all.publishers, "tells-" + i, () -> all.publish(ports.get(number % ports.size()), number));
        }
        return all;
    }

    private interface Task {
        void run() throws IOException;
    }

    private void start(List<Thread> threads, String name, Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException | RuntimeException e) {
                        problems.add(name + ": " + e);
                    }
                },
                name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private static String channel(int number) {
        return "news:" + number;
    }

    private void publish(int port, int number) throws IOException {
        try (RespClient client = new RespClient(port)) {
            for (int i = 1; !stopped.get(); i++) {
                tell(client, number, String.valueOf(i));
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            tell(client, number, END);
        }
    }

    private void tell(RespClient client, int number, String message) throws IOException {
        if (client.call("PUBLISH", channel(number), message) instanceof RespError error) {
            problems.add("PUBLISH: " + error.message());
        }
    }

    private void subscribe(int port, int channels, CountDownLatch ready) throws IOException {
        try (RespClient client = new RespClient("127.0.0.1", port, PATIENCE)) {
            for (int i = 0; i < channels; i++) {
                client.call("SUBSCRIBE", channel(i));
            }
            ready.countDown();
            Map<String, Integer> last = new HashMap<>();
            for (int ended = 0; ended < channels; ) {
                List<?> message = Objects.requireNonNull((List<?>) client.receive(), "a message");
                String channel = String.valueOf(message.get(1));
                String text = String.valueOf(message.get(2));
                if (text.equals(END)) {
                    ended++;
                } else {
                    follow(channel, Integer.parseInt(text), last);
                }
            }
        }
    }

    private void follow(String channel, int number, Map<String, Integer> last) {
        heard.incrementAndGet();
        int before = last.getOrDefault(channel, 0);
        if (number != before + 1) {
            problems.add(channel + ": " + number + " after " + before);
        }
        last.put(channel, number);
    }

    /** What was wrong; waits until everything that was told has been heard. */
    List<String> stop() throws InterruptedException {
        stopped.set(true);
        for (Thread thread : publishers) {
            thread.join(PATIENCE.toMillis());
        }
        for (Thread thread : subscribers) {
            thread.join(PATIENCE.toMillis());
            if (thread.isAlive()) {
                problems.add(thread.getName() + " has not heard all ends");
            }
        }
        return List.copyOf(problems);
    }

    int heard() {
        return heard.get();
    }

    @Override
    public void close() {
        stopped.set(true);
    }
}
