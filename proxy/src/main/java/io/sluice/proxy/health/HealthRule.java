package io.sluice.proxy.health;

import java.time.Duration;

/**
 * When to eject a server, and when to trust it again.
 *
 * @param enabled without it nothing is ever ejected
 * @param troubleRepliesCount whether {@link Signal#TROUBLE_REPLY} counts as a failure
 * @param failureLimit failures in a row that eject, at least 1
 * @param failurePercent share of the requests of a window that ejects, from 1 to 100; 0 for never
 * @param failureWindow over which that share is taken, and how long a server without failures stays suspect
 * @param firstEjection how long a server stays out at least
 * @param longestEjection bound of the doubling; not shorter than {@code firstEjection}
 * @param probeInterval from one probe to the next
 * @param probesToReturn good probes in a row after which it is taken back, at least 1
 * @param mostEjectedPercent of the servers of a pool, from 0 to 100; past it nothing more is ejected
 * @param slowStart until a server that is taken back serves all of its keys; zero for at once
 */
public record HealthRule(
        boolean enabled,
        boolean troubleRepliesCount,
        int failureLimit,
        int failurePercent,
        Duration failureWindow,
        Duration firstEjection,
        Duration longestEjection,
        Duration probeInterval,
        int probesToReturn,
        int mostEjectedPercent,
        Duration slowStart) {

    /** A server that failed fewer times in a window is not judged by a share, however many requests were lost at once. */
    static final int LEAST_FAILURES_TO_JUDGE = 10;

    /** An ejection that follows that much later than the return, or more, is not held to be the same trouble. */
    static final Duration LEAST_HEALTHY_PERIOD = Duration.ofMinutes(1);

    private static final Duration LONGEST_TRIAL = Duration.ofSeconds(10);

    /** Nothing is ejected. */
    public static final HealthRule NONE = new HealthRule(
            false,
            false,
            1,
            0,
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            1,
            100,
            Duration.ZERO);

    /** How long a server that is back, and serves all of its keys at once, is out again after one failure. */
    Duration trial() {
        return firstEjection.compareTo(LONGEST_TRIAL) <= 0 ? firstEjection : LONGEST_TRIAL;
    }

    boolean counts(Signal signal) {
        return enabled && (troubleRepliesCount || signal != Signal.TROUBLE_REPLY);
    }

    /**
     * Whether that share of a window ejects.
     *
     * @param times how often it failed
     * @param failures of requests, several of which one time may have cost
     */
    boolean isTooMany(int times, long failures, long requests) {
        return failurePercent > 0 && times >= LEAST_FAILURES_TO_JUDGE && failures * 100 >= failurePercent * requests;
    }

    int mostEjected(int servers) {
        return (int) ((long) servers * mostEjectedPercent / 100);
    }
}
