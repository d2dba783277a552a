package io.sluice.proxy.admin;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code /metrics}: everything, in Prometheus' text format. Used by one thread. */
final class MetricsPage {

    private static final PrometheusTextFormatWriter WRITER = PrometheusTextFormatWriter.create();

    private final ProxyView proxy;
    private final PoolSeries series;

    MetricsPage(ProxyView proxy, PoolSeries series) {
        this.proxy = proxy;
        this.series = series;
    }

    Page page() {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        ProcessFamilies.of(proxy).forEach(all::metricSnapshot);
        proxy.cluster().get().map(ClusterFamilies::of).orElse(List.of()).forEach(all::metricSnapshot);
        PoolFamilies.of(proxy, series).forEach(all::metricSnapshot);
        ServerFamilies.of(proxy, series).forEach(all::metricSnapshot);
        TlsFamilies.of(proxy).forEach(all::metricSnapshot);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            WRITER.write(text, all.build(), EscapingScheme.UNDERSCORE_ESCAPING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Page(200, WRITER.getContentType(), text.toString(StandardCharsets.UTF_8));
    }
}
