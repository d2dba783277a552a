package io.sluice.proxy.config;

import io.sluice.proxy.config.Ejection.Policy;
import io.sluice.routing.config.Dialect;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.distribution.DistributionKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads when a pool leaves servers out: twemproxy's three keys, and more of them in Sluice's own file. */
final class EjectionReader {

    static final int TWEMPROXY_FAILURE_LIMIT = 2;
    static final Duration TWEMPROXY_RETRY_TIMEOUT = Duration.ofSeconds(30);

    private static final int FAILURE_LIMIT = 5;
    private static final Duration RETRY_TIMEOUT = Duration.ofSeconds(1);
    private static final int FAILURE_PERCENT = 20;
    private static final int MAX_EJECTED_PERCENT = 50;
    private static final Duration SLOW_START = Duration.ofSeconds(10);
    private static final int MOST_PROBES = 100;
    private static final Duration MOST = Duration.ofDays(1);
    private static final Duration MILLI = Duration.ofMillis(1);

    /** twemproxy counts milliseconds in an int. */
    private static final Duration MAX_MILLIS = Duration.ofMillis(Integer.MAX_VALUE);

    private static final ScalarType<Policy> POLICY =
            ScalarType.oneOf("a way to eject", List.of(Policy.values()), Policy::word);
    private static final ScalarType<Integer> PERCENT = ScalarType.integer(0, 100);

    private final YamlSection pool;
    private final DistributionKind distribution;

    private EjectionReader(YamlSection pool, DistributionKind distribution) {
        this.pool = pool;
        this.distribution = distribution;
    }

    static Ejection read(YamlSection pool, Dialect dialect, DistributionKind distribution) {
        return switch (dialect) {
            case TWEMPROXY -> twemproxys(pool);
            case SLUICE -> new EjectionReader(pool, distribution).own();
        };
    }

    private static Ejection twemproxys(YamlSection pool) {
        int limit =
                pool.value("server_failure_limit", TWEMPROXY_FAILURE_LIMIT, ScalarType.integer(0, Integer.MAX_VALUE));
        return new Ejection(
                pool.value("auto_eject_hosts", false, ScalarType.BOOLEAN),
                Math.max(1, limit), // to nutcracker 0 is the same as 1
                pool.value(
                        "server_retry_timeout", TWEMPROXY_RETRY_TIMEOUT, ScalarType.millis(Duration.ZERO, MAX_MILLIS)));
    }

    private Ejection own() {
        Policy policy = policy();
        Duration retryTimeout =
                pool.value("server_retry_timeout", RETRY_TIMEOUT, ScalarType.duration(Duration.ZERO, MOST));
        return new Ejection(
                policy,
                pool.value("server_failure_limit", FAILURE_LIMIT, ScalarType.integer(1, Integer.MAX_VALUE)),
                retryTimeout,
                maxTime(retryTimeout),
                pool.value("failure_percent", FAILURE_PERCENT, PERCENT),
                pool.value("failure_window", Ejection.DEFAULT_FAILURE_WINDOW, duration(Duration.ofMillis(100))),
                pool.value("probe_interval", Ejection.DEFAULT_PROBE_INTERVAL, duration(Duration.ofMillis(10))),
                pool.value("probes_to_return", Ejection.DEFAULT_PROBES_TO_RETURN, ScalarType.integer(1, MOST_PROBES)),
                pool.value("max_ejected_percent", MAX_EJECTED_PERCENT, PERCENT),
                slowStart(policy),
                sparePool(policy),
                pool.value("spare_ttl", Ejection.DEFAULT_SPARE_TIME_TO_LIVE, duration(Duration.ofSeconds(1))));
    }

    private static ScalarType<Duration> duration(Duration least) {
        return ScalarType.duration(least, MOST);
    }

    /** {@code auto_eject_hosts} is twemproxy's way to say {@code remap} or {@code none}. */
    private Policy policy() {
        Optional<Boolean> autoEject = pool.optional("auto_eject_hosts", ScalarType.BOOLEAN);
        Optional<Policy> said = pool.optional("ejection", POLICY);
        if (autoEject.isPresent() && said.isPresent() && autoEject.get() == (said.get() == Policy.NONE)) {
            pool.mistake("ejection", "contradicts the key 'auto_eject_hosts'; expected one of the two");
        }
        Policy policy = said.or(() -> autoEject.map(eject -> eject ? Policy.REMAP : Policy.NONE))
                .orElse(Policy.FAIL_FAST);
        if (policy == Policy.REMAP && distribution == DistributionKind.SLOTS) {
            pool.warning(
                    said.isPresent() ? "ejection" : "auto_eject_hosts",
                    "slots have one owner each and are not remapped: their keys fail at once, as with ejection: fail_fast");
        }
        return policy;
    }

    private Duration maxTime(Duration retryTimeout) {
        Duration fallback = Ejection.longer(Ejection.DEFAULT_MAX_TIME, retryTimeout);
        Duration maxTime = pool.value("max_ejection_time", fallback, duration(MILLI));
        if (maxTime.compareTo(retryTimeout) < 0) {
            pool.mistake(
                    "max_ejection_time",
                    "shorter than server_retry_timeout; expected at least " + retryTimeout.toMillis() + "ms");
        }
        return maxTime;
    }

    /** To fail at once takes no warming up: with {@code fail_fast} servers serve all of their keys at once. */
    private Duration slowStart(Policy policy) {
        Duration slowStart = pool.value("slow_start", SLOW_START, ScalarType.duration(Duration.ZERO, MOST));
        return policy == Policy.REMAP || policy == Policy.SPARE ? slowStart : Duration.ZERO;
    }

    private @Nullable String sparePool(Policy policy) {
        Optional<String> spare = pool.optional("spare_pool", ScalarType.TEXT);
        if (policy == Policy.SPARE && spare.isEmpty()) {
            pool.mistake("ejection", "spare needs the key 'spare_pool'; expected the name of another pool there");
        } else if (policy != Policy.SPARE && spare.isPresent()) {
            pool.mistake("spare_pool", "has no effect without ejection: spare; expected that");
        }
        return policy == Policy.SPARE ? spare.orElse(null) : null;
    }
}
