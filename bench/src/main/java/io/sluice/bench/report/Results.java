package io.sluice.bench.report;

import io.sluice.bench.load.Workload;
import io.sluice.bench.proxies.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** All samples of one workload, by target and round. The order of targets is that in which they were first seen. */
public final class Results {

    private final Workload workload;
    private final String description;
    private final Map<String, List<Sample>> samples = new LinkedHashMap<>();
    private final Map<String, OptionalDouble> systemCalls = new LinkedHashMap<>();

    public Results(Workload workload, String description) {
        this.workload = workload;
        this.description = description;
    }

    public void add(String target, Sample sample) {
        samples.computeIfAbsent(target, name -> new ArrayList<>()).add(sample);
    }

    public void setSystemCalls(String target, OptionalDouble perRequest) {
        systemCalls.put(target, perRequest);
    }

    Workload workload() {
        return workload;
    }

    String description() {
        return description;
    }

    Set<String> targets() {
        return samples.keySet();
    }

    int rounds(String target) {
        return samples.getOrDefault(target, List.of()).size();
    }

    double median(String target, Figure figure) {
        return Statistics.median(
                samples.getOrDefault(target, List.of()).stream().map(figure::of).toList());
    }

    /** The median of the ratios of each round, which is steadier than the ratio of the medians. */
    OptionalDouble ratioToNutcracker(String target, Figure figure) {
        List<Sample> own = samples.getOrDefault(target, List.of());
        List<Sample> base = samples.getOrDefault(Target.NUTCRACKER, List.of());
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < Math.min(own.size(), base.size()); round++) {
            double ratio = figure.of(own.get(round)) / figure.of(base.get(round));
            if (Double.isFinite(ratio)) {
                ratios.add(ratio);
            }
        }
        return ratios.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Statistics.median(ratios));
    }

    OptionalDouble systemCalls(String target) {
        return systemCalls.getOrDefault(target, OptionalDouble.empty());
    }
}
