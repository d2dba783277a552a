package io.sluice.bench.report;

import io.sluice.bench.load.Load;
import io.sluice.bench.proxies.ProcessFigures;

/**
 * What one slice of load through one target measured.
 *
 * @param perSecond requests per second
 * @param p50 milliseconds
 * @param p99 milliseconds
 * @param p999 milliseconds
 * @param userPerMillion CPU seconds in user mode for a million requests
 * @param systemPerMillion CPU seconds in the kernel for a million requests
 * @param rssMegabytes resident memory at the end; NaN, as the CPU time, for a target that is no proxy
 * @param peakRssMegabytes the most since the process started
 */
public record Sample(
        double perSecond,
        double p50,
        double p99,
        double p999,
        double userPerMillion,
        double systemPerMillion,
        double rssMegabytes,
        double peakRssMegabytes) {

    private static final double KILO = 1024;
    private static final double MILLION = 1e6;

    public static Sample of(Load load, ProcessFigures before, ProcessFigures after) {
        double millions = load.requests() / MILLION;
        return new Sample(
                load.perSecond(),
                load.latencies().millis(0.5),
                load.latencies().millis(0.99),
                load.latencies().millis(0.999),
                (after.userSeconds() - before.userSeconds()) / millions,
                (after.systemSeconds() - before.systemSeconds()) / millions,
                after.rssKilobytes() / KILO,
                after.peakRssKilobytes() / KILO);
    }

    /** As {@link #of}, for a server without a proxy, whose own CPU time and memory are not the question. */
    public static Sample withoutProxy(Load load) {
        return new Sample(
                load.perSecond(),
                load.latencies().millis(0.5),
                load.latencies().millis(0.99),
                load.latencies().millis(0.999),
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN);
    }

    double cpuPerMillion() {
        return userPerMillion + systemPerMillion;
    }
}
