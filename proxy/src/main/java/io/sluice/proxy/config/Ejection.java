package io.sluice.proxy.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a server that keeps failing is left out, for how long, and who serves its keys meanwhile.
 *
 * @param policy {@code ejection}, or twemproxy's {@code auto_eject_hosts}
 * @param failureLimit {@code server_failure_limit}, failures in a row, at least 1
 * @param retryTimeout {@code server_retry_timeout}, how long a server stays out at least
 * @param maxTime bound of that time, which doubles
 * @param failurePercent share of the requests of a window that ejects as well; 0 for never
 * @param failureWindow over which that share is taken
 * @param probeInterval from one probe of a server that is left out to the next
 * @param probesToReturn good probes in a row, at least 1
 * @param maxEjectedPercent of the servers of the pool; past it nothing more is ejected
 * @param slowStart until a server that is back serves all of its keys; zero for at once
 * @param sparePool name of the pool that serves the keys; null without {@link Policy#SPARE}
 * @param spareTimeToLive how long what is written to that pool lives at most
 */
public record Ejection(
        Policy policy,
        int failureLimit,
        Duration retryTimeout,
        Duration maxTime,
        int failurePercent,
        Duration failureWindow,
        Duration probeInterval,
        int probesToReturn,
        int maxEjectedPercent,
        Duration slowStart,
        @Nullable String sparePool,
        Duration spareTimeToLive) {

    static final Duration DEFAULT_MAX_TIME = Duration.ofMinutes(5);
    static final Duration DEFAULT_FAILURE_WINDOW = Duration.ofSeconds(10);
    static final Duration DEFAULT_PROBE_INTERVAL = Duration.ofMillis(500);
    static final int DEFAULT_PROBES_TO_RETURN = 3;
    static final Duration DEFAULT_SPARE_TIME_TO_LIVE = Duration.ofSeconds(10);

    /** What becomes of the keys of a server that keeps failing. */
    public enum Policy {
        /** Nothing: no server is ever left out. */
        NONE("none"),
        /** They fail at once. */
        FAIL_FAST("fail_fast"),
        /** The other servers get them. */
        REMAP("remap"),
        /** Another pool gets them. */
        SPARE("spare");

        private final String word;

        Policy(String word) {
            this.word = word;
        }

        /** As the configuration file has it. */
        public String word() {
            return word;
        }
    }

    /** What twemproxy's three keys say: failures in a row, all servers if need be, and all keys at once on return. */
    public Ejection(boolean autoEjectHosts, int failureLimit, Duration retryTimeout) {
        this(
                autoEjectHosts ? Policy.REMAP : Policy.NONE,
                failureLimit,
                retryTimeout,
                longer(DEFAULT_MAX_TIME, retryTimeout),
                0,
                DEFAULT_FAILURE_WINDOW,
                DEFAULT_PROBE_INTERVAL,
                DEFAULT_PROBES_TO_RETURN,
                100,
                Duration.ZERO,
                null,
                DEFAULT_SPARE_TIME_TO_LIVE);
    }

    public boolean enabled() {
        return policy != Policy.NONE;
    }

    static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
