package io.sluice.manager.failover;

import io.sluice.manager.redis.LoginReader;
import io.sluice.manager.redis.RedisLogin;
import io.sluice.routing.config.AddressText;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlScalar;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which sentinels are believed, and when.
 *
 * @param addresses all that watch the masters
 * @param quorum so many must say the same, where one cannot be enough
 * @param interval from one poll of a sentinel to the next; events come in between
 * @param timeout for a connect, and for an answer
 */
public record SentinelConfig(
        List<ServerAddress> addresses,
        int quorum,
        Duration interval,
        Duration timeout,
        RedisLogin login,
        MasterNames names) {

    /** Three or five are usual. */
    public static final int MAX_SENTINELS = 15;

    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(1);
    public static final Duration DEFAULT_TIMEOUT = Duration.ofMillis(500);

    private static final ScalarType<Duration> TIME = ScalarType.duration(Duration.ofMillis(50), Duration.ofMinutes(1));

    public SentinelConfig {
        addresses = List.copyOf(addresses);
    }

    static SentinelConfig read(YamlSection section) {
        List<ServerAddress> addresses = addresses(section);
        int most = Math.max(1, addresses.size());
        SentinelConfig read = new SentinelConfig(
                addresses,
                section.value("quorum", most / 2 + 1, ScalarType.integer(1, most)),
                section.value("interval", DEFAULT_INTERVAL, TIME),
                section.value("timeout", DEFAULT_TIMEOUT, TIME),
                LoginReader.read(section, ""),
                MasterNames.read(section));
        section.rejectUnknownKeys();
        return read;
    }

    private static List<ServerAddress> addresses(YamlSection section) {
        List<ServerAddress> addresses = new ArrayList<>();
        for (YamlScalar text : section.requiredList("addresses", "a list of host:port")) {
            Optional<ServerAddress> address = AddressText.tcp(text.text());
            if (address.isEmpty()) {
                text.unlike("a sentinel", "host:port");
            } else if (addresses.contains(address.get())) {
                text.mistake("stands there twice; expected each sentinel once");
            } else {
                addresses.add(address.get());
            }
        }
        if (addresses.size() > MAX_SENTINELS) {
            section.mistake("addresses", addresses.size() + " sentinels; expected at most " + MAX_SENTINELS);
        }
        return addresses;
    }
}
