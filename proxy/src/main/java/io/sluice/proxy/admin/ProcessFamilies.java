package io.sluice.proxy.admin;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.sluice.proxy.budget.BudgetFigure;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.transport.DirectMemory;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The metrics of the process: what it is, what it uses, how its event loops do. */
final class ProcessFamilies {

    private final ProxyView proxy;
    private final List<MetricSnapshot> families = new ArrayList<>();

    private ProcessFamilies(ProxyView proxy) {
        this.proxy = proxy;
    }

    static List<MetricSnapshot> of(ProxyView proxy) {
        return new ProcessFamilies(proxy).all();
    }

    private List<MetricSnapshot> all() {
        identity();
        configuration();
        resources();
        budget();
        workers();
        return families;
    }

    private void identity() {
        families.add(GaugeSnapshot.builder()
                .name("sluice_build_info")
                .help("Always 1; its labels tell version, Java and transport.")
                .dataPoint(GaugeDataPointSnapshot.builder()
                        .labels(Labels.of(
                                "version", proxy.version(),
                                "java", Runtime.version().toString(),
                                "transport", proxy.transport()))
                        .value(1)
                        .build())
                .build());
        gauge(
                "sluice_ready",
                "1 while the proxy takes new clients.",
                proxy.phase().get() == ServingPhase.READY ? 1 : 0);
        gauge("sluice_workers", "Event loops.", proxy.board().loops());
        gauge(
                "sluice_max_clients",
                "limits.max_clients.",
                proxy.config().limits().maxClients());
        gauge(
                "sluice_uptime_seconds",
                "Time since the start.",
                Family.seconds(Duration.between(proxy.startedAt(), Instant.now())));
        gauge(
                "process_start_time_seconds",
                "When the process was started, in Unix time.",
                ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3);
    }

    private void configuration() {
        ConfigStatus status = proxy.status().get();
        whole("sluice_config_epoch", "Number of the configuration in force.", status.epoch());
        gauge(
                "sluice_config_applied_timestamp_seconds",
                "Since when it is in force, in Unix time.",
                status.appliedAt().toEpochMilli() / 1e3);
        gauge(
                "sluice_config_refused",
                "1 while the newest configuration that was offered is not in force because it was refused.",
                status.trouble().isPresent() ? 1 : 0);
        families.add(Family.counter(
                "sluice_config_reloads",
                "Configurations that were offered after the start, by what became of them.",
                List.of(ConfigStatus.Result.values()),
                result -> Labels.of("result", result.name().toLowerCase(Locale.ROOT)),
                result -> switch (result) {
                    case APPLIED -> status.applied();
                    case UNCHANGED -> status.unchanged();
                    case REFUSED -> status.refused();
                }));
    }

    private void resources() {
        counter("process_cpu_seconds", "CPU time used, user and system.", ProcessFigures.cpuSeconds());
        whole("process_resident_memory_bytes", "Memory that is really there.", ProcessFigures.residentBytes());
        whole("process_open_fds", "Open files and sockets.", ProcessFigures.openFiles());
        whole("process_max_fds", "The most that there may be.", ProcessFigures.maxFiles());
        whole("sluice_direct_memory_bytes", "Memory taken for the buffers of sockets.", DirectMemory.usedBytes());
        whole("sluice_direct_memory_max_bytes", "The most that there may be of it.", DirectMemory.maxBytes());
        whole("sluice_heap_bytes", "Heap in use, garbage included.", ProcessFigures.heapBytes());
        whole("sluice_heap_max_bytes", "The most that there may be of it.", ProcessFigures.maxHeapBytes());
        counter("sluice_gc_seconds", "Time that the JVM stood still or worked to collect garbage.", gcMillis() / 1e3);
    }

    private void budget() {
        families.add(Family.gauge(
                "sluice_held_bytes",
                "Bytes held for clients, for requests in parts, and for servers.",
                List.of(BudgetFigure.CLIENT_BYTES, BudgetFigure.SPLIT_BYTES, BudgetFigure.SERVER_BYTES),
                ProcessFamilies::holder,
                proxy.budget()::sum));
        whole(
                "sluice_held_max_bytes",
                "limits.process_buffer_bytes.",
                proxy.budget().maxBytes());
        families.add(Family.counter(
                "sluice_client_pauses",
                "How often a client was not read from, because of its own replies or because of a server.",
                List.of(BudgetFigure.CLIENT_PAUSES, BudgetFigure.SERVER_PAUSES),
                ProcessFamilies::holder,
                proxy.budget()::sum));
        counter("sluice_large_requests_refused", "Requests refused because too much was held.", (double)
                proxy.budget().sum(BudgetFigure.REFUSALS));
    }

    /** For whom something is held, or who makes clients wait. */
    private static Labels holder(BudgetFigure figure) {
        return Labels.of(
                "for",
                switch (figure) {
                    case CLIENT_BYTES, CLIENT_PAUSES, CLIENTS_OVER_BOUND, EVICTIONS, REFUSALS, EXPECTED_BYTES ->
                        "clients";
                    case SPLIT_BYTES -> "split_requests";
                    case SERVER_BYTES, SERVER_PAUSES -> "servers";
                });
    }

    private static double gcMillis() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                .filter(millis -> millis > 0)
                .sum();
    }

    private void workers() {
        List<Integer> workers =
                IntStream.range(0, proxy.board().loops()).boxed().toList();
        families.add(Family.counter(
                "sluice_worker_requests",
                "Requests that each event loop has read.",
                workers,
                ProcessFamilies::worker,
                worker -> proxy.board().ofLoop(worker, PoolMetric.REQUESTS)));
        families.add(Family.gauge(
                "sluice_worker_delay_seconds",
                "How long the event loop took to run a task it was given, asked every second.",
                workers,
                ProcessFamilies::worker,
                worker -> Family.seconds(proxy.pulse().delay(worker))));
    }

    private static Labels worker(int worker) {
        return Labels.of("worker", String.valueOf(worker));
    }

    private void gauge(String name, String help, double value) {
        families.add(Family.gauge(name, help, List.of(this), self -> Labels.EMPTY, self -> value));
    }

    private void whole(String name, String help, long value) {
        gauge(name, help, (double) value);
    }

    private void counter(String name, String help, double value) {
        families.add(Family.counter(name, help, List.of(this), self -> Labels.EMPTY, self -> value));
    }
}
