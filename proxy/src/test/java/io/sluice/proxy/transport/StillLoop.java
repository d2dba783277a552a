package io.sluice.proxy.transport;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * An event loop without a thread and without sockets: what is executed waits for {@link #runTasks}, and who connects to
 * a server that has a host name waits for ever.
 */
public final class StillLoop {

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Loop loop = new Loop(
            Transport.NIO,
            channel.eventLoop(),
            new AddressResolver(new NeverAnswering(), host -> List.of()),
            channel.eventLoop());

    public Loop loop() {
        return loop;
    }

    /** Runs what was executed; also what that executes in turn. */
    public void runTasks() {
        channel.runPendingTasks();
    }

    /** A name service that is down. */
    private static final class NeverAnswering extends AbstractExecutorService {
        @Override
        public void execute(Runnable task) {}

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return true;
        }
    }
}
