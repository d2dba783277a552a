package io.sluice.proxy.admin;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.sluice.proxy.tls.Reloading;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The metrics of certificates, with the labels {@code pool} and {@code section}: {@code tls} or {@code server_tls}. */
final class TlsFamilies {

    private TlsFamilies() {}

    static List<MetricSnapshot> of(ProxyView proxy) {
        List<Reloading<?>> all = proxy.certificates().get();
        List<Reloading<?>> own =
                all.stream().filter(files -> files.get().notAfter() != null).toList();
        return List.of(
                Family.counter(
                        "sluice_tls_reloads",
                        "Times at which changed certificates were taken.",
                        all,
                        TlsFamilies::labels,
                        Reloading::reloads),
                Family.counter(
                        "sluice_tls_reload_failures",
                        "Times at which changed certificates were not taken, since they were no good.",
                        all,
                        TlsFamilies::labels,
                        Reloading::refusals),
                Family.gauge(
                        "sluice_tls_certificate_expiry_timestamp_seconds",
                        "When the first of the proxy's own certificates expires, in Unix time.",
                        own,
                        TlsFamilies::labels,
                        files -> seconds(files.get().notAfter())));
    }

    private static double seconds(@Nullable Instant instant) {
        return instant == null ? Double.NaN : instant.getEpochSecond();
    }

    private static Labels labels(Reloading<?> files) {
        return Labels.of("pool", files.pool(), "section", files.what());
    }
}
