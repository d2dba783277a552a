package io.sluice.launcher.ctl;

import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Asks servers all the time whether they are there, and remembers who took longest to say so. */
final class Pings implements AutoCloseable {

    private static final long PAUSE_NANOS = 5_000_000;

    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<AtomicLong> worst = new ArrayList<>();

    static Pings of(List<RedisServer> servers) {
        Pings all = new Pings();
        for (RedisServer server : servers) {
            AtomicLong nanos = new AtomicLong();
            all.worst.add(nanos);
            Thread thread = new Thread(() -> all.ping(server, nanos), "pings-" + server.port());
            thread.setDaemon(true);
            thread.start();
        }
        return all;
    }

    private void ping(RedisServer server, AtomicLong nanos) {
        try (RespClient client = server.connect()) {
            while (!stopped.get()) {
                long begin = System.nanoTime();
                client.call("PING");
                nanos.accumulateAndGet(System.nanoTime() - begin, Math::max);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (IOException e) {
            if (!stopped.get()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Milliseconds, in the order of the servers; counts anew from here. */
    List<Long> worst() {
        return worst.stream().map(nanos -> nanos.getAndSet(0) / 1_000_000).toList();
    }

    @Override
    public void close() {
        stopped.set(true);
    }
}
