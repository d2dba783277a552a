package io.sluice.bench.load;

import io.sluice.bench.proxies.Target;

/** Who loads a target, closed-loop: a connection asks again when it has been answered. */
public interface LoadClient {

    /** Sets every key of the workload, so that no get misses. */
    void fill(Target target, Workload workload);

    /** Sends about {@code requests} and waits for all replies; throws {@code BenchException} if one is an error. */
    Load run(Target target, Workload workload, long requests);

    /** What it asks for, in a few words. */
    String operations(Workload workload);

    /** Which program it is and how it runs. */
    String describe();
}
