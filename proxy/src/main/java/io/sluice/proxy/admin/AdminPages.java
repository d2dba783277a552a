package io.sluice.proxy.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The pages of the admin address, by path. Used by its one thread. */
final class AdminPages {

    private final ProxyView proxy;
    private final Map<String, Supplier<Page>> pages = new LinkedHashMap<>();

    AdminPages(ProxyView proxy, LatencyWindow window) {
        this.proxy = proxy;
        PoolSeries series = new PoolSeries(proxy, window);
        pages.put("/", AdminPages::dashboard);
        pages.put("/metrics", new MetricsPage(proxy, series)::page);
        pages.put("/health", this::health);
        pages.put("/ready", this::ready);
        pages.put("/topology", new TopologyPage(proxy, series)::page);
        pages.put("/faults", new FaultActions(proxy)::page);
        pages.put("/config", () -> Page.json(ConfigPage.json(proxy.config())));
    }

    /** The page at a path, or empty if there is none. Makes it anew each time. */
    Optional<Page> at(String path) {
        return Optional.ofNullable(pages.get(path)).map(Supplier::get);
    }

    Page notFound() {
        return Page.text(404, "no such page; expected one of " + String.join(" ", pages.keySet()));
    }

    /** Whether the process serves those whom it has. */
    private Page health() {
        List<Integer> stalled = proxy.pulse().stalled();
        if (stalled.isEmpty()) {
            return Page.text(200, String.join("; ", remarks()));
        }
        String names = stalled.stream().map(String::valueOf).collect(Collectors.joining(" "));
        return Page.text(
                503, "stalled workers: " + names + " (no answer for " + WorkerPulse.STALLED_AFTER.toSeconds() + "s)");
    }

    /** That all is well, and what is worth knowing all the same. */
    private List<String> remarks() {
        List<String> remarks = new ArrayList<>(List.of("ok"));
        proxy.status().get().trouble().ifPresent(remarks::add);
        proxy.cluster().get().ifPresent(cluster -> remarks.addAll(cluster.remarks()));
        return remarks;
    }

    private Page readyUnlessWithoutTopology() {
        return proxy.cluster()
                .get()
                .filter(ClusterView::waitsForTopology)
                .map(cluster -> Page.text(503, "no topology of cluster '" + cluster.name() + "' yet"))
                .orElse(Page.text(200, "ready"));
    }

    /** Whether it takes new clients. */
    private Page ready() {
        return switch (proxy.phase().get()) {
            case STARTING -> Page.text(503, "starting");
            case READY -> readyUnlessWithoutTopology();
            case DRAINING -> Page.text(503, "draining");
        };
    }

    private static Page dashboard() {
        try (InputStream in = AdminPages.class.getResourceAsStream("dashboard.html")) {
            if (in == null) {
                throw new IllegalStateException("dashboard.html is missing from the build");
            }
            return new Page(200, "text/html; charset=utf-8", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
