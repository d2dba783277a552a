package io.sluice.proxy;

import io.sluice.proxy.session.Departure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clients that go to another process, over one control socket. An event loop that gives one away waits for the other
 * process to take it, which has a thread for nothing else; by then it has nobody else to serve. Thread-safe.
 */
final class OutgoingClients {

    private static final Logger log = LoggerFactory.getLogger(OutgoingClients.class);

    private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();

    private final ControlConversation conversation;
    private final AtomicInteger expected = new AtomicInteger();
    private final AtomicInteger gone = new AtomicInteger();
    private boolean broken;

    OutgoingClients(ControlConversation conversation) {
        this.conversation = conversation;
    }

    private Departure of(String pool) {
        String encoded = Base64.getEncoder().encodeToString(pool.getBytes(StandardCharsets.UTF_8));
        return new Departure() {
            @Override
            public void expect() {
                expected.incrementAndGet();
            }

            @Override
            public void forget() {
                expected.decrementAndGet();
            }

            @Override
            public boolean depart(long client, String carried, int descriptor, byte[] unread) {
                return send(
                        "CLIENT " + encoded + " " + client + " " + carried + " " + unread.length, descriptor, unread);
            }
        };
    }

    private synchronized boolean send(String line, int descriptor, byte[] unread) {
        if (broken) {
            return false;
        }
        try {
            conversation.sendLine(line);
            conversation.send(unread);
            conversation.sendDescriptor(descriptor);
        } catch (IOException e) {
            log.error("The process that takes over does not take clients any more: error={}", e.getMessage());
            broken = true;
            return false;
        }
        gone.incrementAndGet();
        expected.decrementAndGet();
        return true;
    }

    /**
     * Lets them go, for so long at most; then no other goes. Blocks meanwhile.
     *
     * @return how many have gone
     */
    int send(LivePools pools, Duration limit) throws IOException {
        conversation.sendLine("CLIENTS");
        pools.handOver(this::of);
        long deadline = System.nanoTime() + limit.toNanos();
        while (expected.get() > 0 && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(POLL_NANOS);
        }
        end();
        return gone.get();
    }

    private synchronized void end() throws IOException {
        broken = true;
        conversation.sendLine("END");
    }
}
