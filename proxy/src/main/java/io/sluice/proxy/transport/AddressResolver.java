package io.sluice.proxy.transport;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Host names to addresses, looked up anew for each connection and never on an event loop, since the look-up blocks. May
 * be used from any thread.
 */
public final class AddressResolver implements AutoCloseable {

    /** Look-ups that may wait; each server connection asks for one at a time. */
    private static final int MAX_WAITING = 4096;

    private final ExecutorService lookups;

    public AddressResolver() {
        this(fewThreads());
    }

    /** With threads of the caller's. */
    AddressResolver(ExecutorService lookups) {
        this.lookups = lookups;
    }

    private static ExecutorService fewThreads() {
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(2, 2, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), task -> {
                    Thread thread = new Thread(task, "resolver");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /** Calls back through {@code callbacks}; at once, on the calling thread, when {@code host} is an IP literal. */
    void resolve(
            String host,
            int port,
            Executor callbacks,
            Consumer<? super InetSocketAddress> onResolved,
            Consumer<Throwable> onFailure) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        if (literal != null) {
            onResolved.accept(new InetSocketAddress(address(host, literal), port));
            return;
        }
        try {
            lookups.execute(() -> lookUp(host, port, callbacks, onResolved, onFailure));
        } catch (RejectedExecutionException e) {
            onFailure.accept(new UnknownHostException(host + ": too many look-ups are waiting"));
        }
    }

    private static InetAddress address(String host, byte[] literal) {
        try {
            return InetAddress.getByAddress(host, literal);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("A literal of " + literal.length + " bytes", e);
        }
    }

    private static void lookUp(
            String host,
            int port,
            Executor callbacks,
            Consumer<? super InetSocketAddress> onResolved,
            Consumer<Throwable> onFailure) {
        try {
            InetAddress found = InetAddress.getByName(host);
            callbacks.execute(() -> onResolved.accept(new InetSocketAddress(found, port)));
        } catch (UnknownHostException e) {
            UnknownHostException unknown =
                    new UnknownHostException(host); // the JVM's own words differ from time to time
            unknown.initCause(e);
            callbacks.execute(() -> onFailure.accept(unknown));
        }
    }

    @Override
    public void close() {
        lookups.shutdownNow();
    }
}
