package io.sluice.proxy;

import io.sluice.proxy.backend.ConnectPacer;
import io.sluice.proxy.budget.ProcessBudget;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.dispatch.HandoffLease;
import io.sluice.proxy.faults.FaultBoard;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.session.ClientSessions;
import io.sluice.proxy.transport.AddressResolver;
import io.sluice.proxy.transport.DirectMemory;
import io.sluice.proxy.transport.Loops;
import io.sluice.proxy.transport.Transport;
import io.sluice.proxy.transport.TransportChoice;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All workers of a process, and what they have in common whatever is served. From any thread. */
final class Workers {

    private static final Logger log = LoggerFactory.getLogger(Workers.class);
    private static final int SHUTDOWN_SECONDS = 5;

    /** For event loops to close their clients. */
    private static final Duration CLOSING = Duration.ofSeconds(2);

    private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();

    private final TransportChoice transport;
    private final Loops loops;
    private final ClientSessions.Census census;
    private final ProcessBudget budget;
    private final FaultBoard faults;
    private final ConnectPacer pacer;
    private final MetricBoard board;
    private final List<Worker> each;

    private Workers(ProxyConfig config, TransportChoice transport, AddressResolver resolver, HandoffLease lease) {
        this.transport = transport;
        this.loops = new Loops(transport.transport(), count(config), resolver);
        this.faults = new FaultBoard(
                InstantSource.system(),
                System::nanoTime,
                (delay, task) -> loops.get(0).schedule(task, delay));
        this.census = new ClientSessions.Census(config.limits().maxClients());
        this.budget = new ProcessBudget(processBytes(config), DirectMemory::isScarce);
        this.pacer = new ConnectPacer(config.limits().serverConnectsPerSecond(), System::nanoTime);
        this.board = new MetricBoard(
                Arrays.stream(ErrorKind.values()).map(Enum::name).toList(), loops.count());
        this.each = IntStream.range(0, loops.count())
                .mapToObj(loop -> new Worker(loops.get(loop), census, budget, faults, pacer, lease))
                .toList();
    }

    /** Starts the event loops; nothing is served yet. Takes the resolver over. */
    static Workers start(ProxyConfig config, AddressResolver resolver, HandoffLease lease) throws ProxyStartException {
        return new Workers(config, choose(config.transport()), resolver, lease);
    }

    /** Half of the processors, since servers and the kernel want theirs; at least one. */
    private static int count(ProxyConfig config) {
        return config.workers() > 0
                ? config.workers()
                : Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    }

    private static long processBytes(ProxyConfig config) {
        long configured = config.limits().processBufferBytes();
        long most = DirectMemory.maxBytes();
        if (configured <= 0) {
            return (long) (most * ProcessBudget.SHARE_OF_DIRECT_MEMORY);
        }
        long bound = (long) (most * ProcessBudget.MOST_OF_DIRECT_MEMORY);
        if (configured > bound) {
            log.warn(
                    "limits.process_buffer_bytes is more than the JVM gives, {} is used: configured={}"
                            + " -XX:MaxDirectMemorySize={}",
                    bound,
                    configured,
                    most);
        }
        return Math.min(configured, bound);
    }

    private static TransportChoice choose(TransportPreference preference) throws ProxyStartException {
        Transport wanted = switch (preference) {
            case AUTO -> null;
            case IO_URING -> Transport.IO_URING;
            case EPOLL -> Transport.EPOLL;
            case NIO -> Transport.NIO;
        };
        if (wanted == null) {
            return TransportChoice.first();
        }
        Optional<String> reason = wanted.unavailableBecause();
        if (reason.isPresent()) {
            throw new ProxyStartException("transport: " + preference.name().toLowerCase(Locale.ROOT)
                    + " is not available here: " + reason.get() + "; use transport: auto");
        }
        return new TransportChoice(wanted, List.of());
    }

    // ---- what they share

    TransportChoice transport() {
        return transport;
    }

    Loops loops() {
        return loops;
    }

    ClientSessions.Census census() {
        return census;
    }

    ProcessBudget budget() {
        return budget;
    }

    FaultBoard faults() {
        return faults;
    }

    ConnectPacer pacer() {
        return pacer;
    }

    MetricBoard board() {
        return board;
    }

    /** One for each event loop. */
    List<Executor> executors() {
        return IntStream.range(0, loops.count())
                .mapToObj(loops::get)
                .<Executor>map(loop -> loop::execute)
                .toList();
    }

    // ---- each of them

    int count() {
        return each.size();
    }

    Worker get(int loop) {
        return each.get(loop);
    }

    /** Runs a task on each event loop, that of its number; they are done when they have run. */
    List<CompletableFuture<Void>> run(IntFunction<Runnable> taskOfLoop) {
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (int loop = 0; loop < each.size(); loop++) {
            done.add(each.get(loop).run(List.of(taskOfLoop.apply(loop))));
        }
        return done;
    }

    /** Whether every event loop runs a task within this time. Blocks for so long at most. */
    boolean answerWithin(Duration limit) {
        CompletableFuture<?>[] answers = run(loop -> () -> {}).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(answers).get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    // ---- the end

    /** Lets the clients have the replies they are owed, for so long at most, then closes them. Blocks meanwhile. */
    void drain(Duration limit) {
        each.forEach(Worker::drain);
        long deadline = System.nanoTime() + limit.toNanos();
        while (census.clients() > 0 && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(POLL_NANOS);
        }
        if (census.clients() > 0) {
            log.warn("Clients closed before their replies came: clients={}", census.clients());
            close();
            if (!answerWithin(CLOSING)) {
                log.warn("An event loop does not close its clients");
            }
        }
    }

    /** Closes clients and servers, soon. */
    void close() {
        each.forEach(Worker::close);
    }

    /** Ends the event loops. Blocks for seconds at most. */
    void shutdown() {
        loops.shutdown(SHUTDOWN_SECONDS);
    }
}
