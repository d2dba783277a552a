package io.sluice.testing.workload;

import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One client's way to one of the proxies; another one when the connection is lost. Of one thread. */
final class Link implements AutoCloseable {

    private static final long PAUSE_NANOS = 20_000_000;

    private final Journal journal;
    private final List<Integer> ports;
    private final Random random;
    private final BooleanSupplier stopped;
    private @Nullable RespClient client;
    private int connections;

    Link(Journal journal, List<Integer> ports, Random random, BooleanSupplier stopped) {
        this.journal = journal;
        this.ports = ports;
        this.random = random;
        this.stopped = stopped;
    }

    /** Sends one request, and waits for what becomes of it. */
    Answer call(String... request) {
        return calls(List.<String[]>of(request)).get(0);
    }

    /** The same for a request that may wait at the server: only what it takes beyond that is a delay. */
    Answer waiting(Duration mayWait, String... request) {
        return calls(List.<String[]>of(request), mayWait.toNanos()).get(0);
    }

    /** Sends some in one go; their answers in the same order. */
    List<Answer> calls(List<String[]> requests) {
        return calls(requests, 0);
    }

    private List<Answer> calls(List<String[]> requests, long mayWaitNanos) {
        List<Answer> answers = new ArrayList<>();
        long start = System.nanoTime();
        try {
            RespClient to = connected();
            if (to == null) {
                return Collections.nCopies(requests.size(), Answer.UNKNOWN);
            }
            for (String[] request : requests) {
                to.send(request);
            }
            to.flush();
            for (String[] request : requests) {
                answers.add(answer(request, to.receive()));
                journal.answered(Math.max(0, System.nanoTime() - start - mayWaitNanos));
            }
        } catch (IOException | RuntimeException e) {
            journal.lost(e);
            close();
            while (answers.size() < requests.size()) {
                answers.add(Answer.UNKNOWN);
            }
        }
        return answers;
    }

    /** Which connection that was, to go on with the same one. */
    int connection() {
        return connections;
    }

    /** The same as {@link #calls}, but on no other connection than that one: unknown, and not sent, if it is gone. */
    List<Answer> callsOn(int connection, List<String[]> requests) {
        return client == null || connection != connections
                ? Collections.nCopies(requests.size(), Answer.UNKNOWN)
                : calls(requests);
    }

    private Answer answer(String[] request, @Nullable Object reply) {
        if (reply instanceof RespError error) {
            journal.error(request[0], error.message());
            return Answer.UNKNOWN;
        }
        return Answer.reply(reply);
    }

    private @Nullable RespClient connected() {
        while (client == null && !stopped.getAsBoolean()) {
            try {
                client = new RespClient(ports.get(random.nextInt(ports.size())));
                connections++;
            } catch (IOException e) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        return client;
    }

    @Override
    public void close() {
        if (client != null) {
            try {
                client.close();
            } catch (IOException e) {
                journal.lost(e);
            }
            client = null;
        }
    }
}
