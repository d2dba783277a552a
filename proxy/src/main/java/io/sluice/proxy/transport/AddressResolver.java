package io.sluice.proxy.transport;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Host names to addresses, looked up anew for each connection and never on an event loop, since the look-up blocks. Who
 * asks for a name that is being looked up gets the same answer. May be used from any thread.
 */
public final class AddressResolver implements AutoCloseable {

    /** Who knows the addresses of names; may block. */
    public interface Lookup {
        /** At least one. */
        List<InetAddress> addresses(String host) throws UnknownHostException;
    }

    /** Look-ups that may wait; each server connection asks for one at a time. */
    private static final int MAX_WAITING = 4096;

    static {
        doNotRemember("networkaddress.cache.ttl", "sun.net.inetaddr.ttl");
        doNotRemember("networkaddress.cache.negative.ttl", "sun.net.inetaddr.negative.ttl");
    }

    /** The JVM would go on with an old address for half a minute; the system's own resolver knows how long it is good. */
    private static void doNotRemember(String property, String ofTheUser) {
        if (System.getProperty(ofTheUser) == null) {
            Security.setProperty(property, "0");
        }
    }

    private record Waiting(
            Executor callbacks, Consumer<? super List<InetAddress>> onFound, Consumer<Throwable> onFailure) {}

    private final ExecutorService lookups;
    private final Lookup lookup;
    private final ConcurrentHashMap<String, List<Waiting>> underWay = new ConcurrentHashMap<>();

    /** As the system resolves names. */
    public AddressResolver() {
        this(host -> List.of(InetAddress.getAllByName(host)));
    }

    public AddressResolver(Lookup lookup) {
        this(fewThreads(), lookup);
    }

    /** With threads of the caller's. */
    AddressResolver(ExecutorService lookups, Lookup lookup) {
        this.lookups = lookups;
        this.lookup = lookup;
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

    /** Whether there is nothing to look up: the text is an address itself. */
    public static boolean isLiteral(String host) {
        return NetUtil.createByteArrayFromIpAddressString(host) != null;
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
        addresses(host, callbacks, found -> onResolved.accept(new InetSocketAddress(found.get(0), port)), onFailure);
    }

    /** All addresses of a name. Calls back through {@code callbacks}. */
    void addresses(
            String host,
            Executor callbacks,
            Consumer<? super List<InetAddress>> onFound,
            Consumer<Throwable> onFailure) {
        List<Waiting> alone = new ArrayList<>(); // these, unless others wait for the same name already
        alone.add(new Waiting(callbacks, onFound, onFailure));
        List<Waiting> all = underWay.merge(host, alone, AddressResolver::together);
        if (all.size() > 1) {
            return;
        }
        try {
            lookups.execute(() -> lookUp(host));
        } catch (RejectedExecutionException e) {
            fail(host, new UnknownHostException(host + ": too many look-ups are waiting"));
        }
    }

    private static List<Waiting> together(List<Waiting> one, List<Waiting> other) {
        List<Waiting> both = new ArrayList<>(one);
        both.addAll(other);
        return both;
    }

    private static InetAddress address(String host, byte[] literal) {
        try {
            return InetAddress.getByAddress(host, literal);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("A literal of " + literal.length + " bytes", e);
        }
    }

    private void lookUp(String host) {
        try {
            List<InetAddress> found = lookup.addresses(host);
            end(host).forEach(waiting -> tell(waiting, () -> waiting.onFound().accept(found)));
        } catch (UnknownHostException e) {
            UnknownHostException unknown =
                    new UnknownHostException(host); // the JVM's own words differ from time to time
            unknown.initCause(e);
            fail(host, unknown);
        }
    }

    private void fail(String host, Throwable cause) {
        end(host).forEach(waiting -> tell(waiting, () -> waiting.onFailure().accept(cause)));
    }

    private List<Waiting> end(String host) {
        List<Waiting> all = underWay.remove(host);
        return all == null ? List.of() : all;
    }

    private static void tell(Waiting waiting, Runnable news) {
        try {
            waiting.callbacks().execute(news);
        } catch (RejectedExecutionException e) { // that event loop has ended: nobody waits there
            return;
        }
    }

    @Override
    public void close() {
        lookups.shutdownNow();
    }
}
