package io.sluice.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Names to addresses, by a name service and threads of the test's. */
class AddressResolverTest {

    private final ByHand threads = new ByHand();
    private final List<String> asked = new ArrayList<>();
    private final List<Object> told = new ArrayList<>();
    private final AddressResolver resolver = new AddressResolver(threads, this::answer);

    private List<InetAddress> answer(String host) throws UnknownHostException {
        asked.add(host);
        if (host.equals("nowhere")) {
            throw new UnknownHostException("as the system says it");
        }
        return List.of(InetAddress.getByAddress(new byte[] {10, 0, 0, 1}), InetAddress.getByAddress(new byte[4]));
    }

    private void resolve(String host) {
        resolver.resolve(host, 6379, Runnable::run, told::add, cause -> told.add(cause.getMessage()));
    }

    @Test
    void looksUpOnAnotherThreadAndTakesTheFirstAddress() {
        resolve("cache");
        assertThat(asked).isEmpty();

        threads.runAll();

        assertThat(told).hasToString("[/10.0.0.1:6379]");
    }

    @Test
    void doesNotLookUpAnAddress() {
        resolve("10.0.0.9");

        assertThat(asked).isEmpty();
        assertThat(told).hasToString("[10.0.0.9/10.0.0.9:6379]");
    }

    @Test
    void looksANameUpAnewEachTime() {
        resolve("cache");
        threads.runAll();
        resolve("cache");
        threads.runAll();

        assertThat(asked).containsExactly("cache", "cache");
    }

    @Test
    void asksOnceForAllWhoWaitForTheSameName() {
        resolve("cache");
        resolve("cache");
        resolve("other");

        threads.runAll();

        assertThat(asked).containsExactly("cache", "other");
        assertThat(told).hasSize(3);
    }

    @Test
    void givesAllAddressesToWhoWantsThem() {
        resolver.addresses("cache", Runnable::run, told::addAll, told::add);

        threads.runAll();

        assertThat(told).hasToString("[/10.0.0.1, /0.0.0.0]");
    }

    @Test
    void namesTheHostThatIsNotKnown() {
        resolve("nowhere");

        threads.runAll();

        assertThat(told).containsExactly("nowhere");
    }

    @Test
    void refusesWhenTooManyWait() {
        threads.full = true;

        resolve("cache");
        threads.full = false;
        resolve("cache");
        threads.runAll();

        assertThat(told).hasToString("[cache: too many look-ups are waiting, /10.0.0.1:6379]");
    }

    @Test
    void goesOnWhenOneWhoWaitedIsGone() {
        resolver.addresses(
                "cache",
                task -> {
                    throw new RejectedExecutionException("ended");
                },
                told::addAll,
                told::add);
        resolve("cache");

        threads.runAll();

        assertThat(told).hasToString("[/10.0.0.1:6379]");
    }

    /** Runs what it is given when the test says so. */
    private static final class ByHand extends AbstractExecutorService {
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private boolean full;

        @Override
        public void execute(Runnable task) {
            if (full) {
                throw new RejectedExecutionException("full");
            }
            tasks.add(task);
        }

        void runAll() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }

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
