package io.sluice.bench.load;

/**
 * What a client saw.
 *
 * @param requests replies it got
 * @param seconds how long that took
 * @param latencies of each request
 */
public record Load(long requests, double seconds, Latencies latencies) {

    public double perSecond() {
        return requests / seconds;
    }

    /** One load after the other. */
    public Load then(Load next) {
        return new Load(requests + next.requests, seconds + next.seconds, latencies.with(next.latencies));
    }
}
