package io.sluice.proxy;

import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.transport.ListeningSocket;
import io.sluice.proxy.transport.Loops;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a running proxy accepts clients, while pools come, go, and get each other's addresses. For one thread at a time. */
final class OpenListeners {

    private static final Logger log = LoggerFactory.getLogger(OpenListeners.class);

    private final Listeners listeners;
    private final Map<ListenPlace, PoolListener> open = new LinkedHashMap<>();

    OpenListeners(Loops loops) {
        this.listeners = new Listeners(loops);
    }

    // ---- as the configuration says

    /**
     * Opens addresses at which nobody was accepted before; when it throws, nothing has changed. A pool that has another's
     * address gets its sockets {@linkplain #serve later}.
     *
     * @return what {@link #serve} is to be told of
     */
    Map<ListenPlace, PoolListener> openNew(List<PlacedPool> pools) throws ProxyStartException {
        Map<ListenPlace, PoolListener> opened = new LinkedHashMap<>();
        try {
            for (PlacedPool placed : pools) {
                for (ListenPlace place : ListenPlace.of(placed.pool())) {
                    if (!open.containsKey(place)) {
                        opened.put(place, listeners.open(place, placed.pool(), placed.live()));
                    }
                }
            }
            return opened;
        } catch (ProxyStartException e) {
            opened.values().forEach(PoolListener::close);
            throw e;
        }
    }

    /** Clients who come from now on are of these pools. */
    void serve(List<PlacedPool> pools, Map<ListenPlace, PoolListener> opened) {
        open.putAll(opened);
        for (PlacedPool placed : pools) {
            for (ListenPlace place : ListenPlace.of(placed.pool())) {
                Objects.requireNonNull(open.get(place)).serve(placed.live(), place.listener(placed.pool()));
            }
        }
    }

    /** Closes what no pool has any more. */
    void closeUnwanted(ProxyConfig config) {
        Set<ListenPlace> wanted = config.pools().stream()
                .flatMap((Pool pool) -> ListenPlace.of(pool).stream())
                .collect(Collectors.toSet());
        open.entrySet().removeIf(entry -> {
            boolean unwanted = !wanted.contains(entry.getKey());
            if (unwanted) {
                log.info("Not listening any more: address={}", entry.getKey().address());
                entry.getValue().close();
            }
            return unwanted;
        });
    }

    /** Stops accepting clients. */
    void close() {
        open.values().forEach(PoolListener::close);
        open.clear();
    }

    // ---- another process

    /** Listens on with sockets of another process, where a pool is to listen at their addresses. Before the first change. */
    void inherit(Map<String, List<Integer>> descriptors) {
        listeners.inherit(descriptors);
    }

    /** Closes those of them that no pool has. */
    void closeUnwantedInheritance() {
        listeners.closeUnwanted();
    }

    /** The process that has left them to us does not listen any more. */
    void own() {
        open.values().forEach(PoolListener::own);
    }

    /** The descriptors of the listening sockets, by address; those for TLS cannot be handed over. */
    Map<String, List<Integer>> descriptors() {
        Map<String, List<Integer>> descriptors = new LinkedHashMap<>();
        open.forEach((place, listener) -> {
            if (!place.tls()) {
                descriptors.put(
                        place.address().toString(),
                        listener.sockets().stream()
                                .map(ListeningSocket::descriptor)
                                .toList());
            }
        });
        return descriptors;
    }

    /** Another process goes on accepting clients. */
    void release() {
        open.values().forEach(PoolListener::release);
        open.clear();
    }
}
