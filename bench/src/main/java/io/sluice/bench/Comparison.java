package io.sluice.bench;

import io.sluice.bench.load.Load;
import io.sluice.bench.load.LoadClient;
import io.sluice.bench.load.SystemCalls;
import io.sluice.bench.load.Workload;
import io.sluice.bench.proxies.ProcessFigures;
import io.sluice.bench.proxies.Target;
import io.sluice.bench.report.Results;
import io.sluice.bench.report.Sample;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The same load through all targets in turns, so that what else the machine does falls on all of them.
 *
 * <pre>
 *   round 1   A B C
 *   round 2   C B A
 *   round 3   A B C   ...
 * </pre>
 */
final class Comparison {

    private static final long FEWEST_REQUESTS = 10_000;

    /** Enough for connecting, which comes first, to weigh little. */
    private static final long FEWEST_OF_A_CLIENT = 100;

    private final LoadClient client;
    private final List<Target> targets;
    private final int rounds;
    private final double seconds;

    Comparison(LoadClient client, List<Target> targets, int rounds, double seconds) {
        this.client = client;
        this.targets = targets;
        this.rounds = rounds;
        this.seconds = seconds;
    }

    /** Loads each target that compiles while it runs with {@code requests}, alone. */
    void warmUp(List<Workload> workloads, long requests) {
        for (Target target : targets) {
            if (target.warmUp()) {
                for (Workload workload : workloads) {
                    client.fill(target, workload);
                    client.run(target, workload, requests / workloads.size());
                }
            }
        }
    }

    /** Measures one workload; its keys are set anew first. */
    Results measure(Workload workload, SystemCalls systemCalls) {
        Results results = new Results(workload, workload.describe(client.operations(workload)));
        Map<Target, Long> requests = new HashMap<>();
        for (Target target : targets) {
            client.fill(target, workload);
            requests.put(target, requestsPerSlice(target, workload));
        }
        List<Target> order = new ArrayList<>(targets);
        for (int round = 0; round < rounds; round++) {
            for (Target target : order) {
                results.add(target.name(), slice(target, workload, requests.getOrDefault(target, fewest(workload))));
            }
            Collections.reverse(order);
        }
        for (Target target : targets) {
            if (target.isProxy()) {
                results.setSystemCalls(
                        target.name(),
                        systemCalls.perRequest(target, () -> client.run(target, workload, fewest(workload) * 2)));
            }
        }
        return results;
    }

    /** As many as the target answers in the wanted time; the load that tells is a warm-up as well. */
    private long requestsPerSlice(Target target, Workload workload) {
        client.run(target, workload, fewest(workload));
        Load probe = client.run(target, workload, fewest(workload));
        return Math.max(fewest(workload), Math.round(probe.perSecond() * seconds));
    }

    private static long fewest(Workload workload) {
        return Math.max(FEWEST_REQUESTS, workload.clients() * FEWEST_OF_A_CLIENT);
    }

    private Sample slice(Target target, Workload workload, long requests) {
        ProcessFigures before = ProcessFigures.of(target.pid());
        Load load = client.run(target, workload, requests);
        return target.isProxy() ? Sample.of(load, before, ProcessFigures.of(target.pid())) : Sample.withoutProxy(load);
    }
}
