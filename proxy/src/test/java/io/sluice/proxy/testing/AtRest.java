package io.sluice.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.awaitility.Awaitility;

/** What must be left of a storm once those who made it are gone: nothing. */
public final class AtRest {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private AtRest() {}

    /** Fails unless the proxy, which has one pool and is monitored, comes to rest without a client. */
    public static void await(RunningProxy proxy, Seed seed) {
        Awaitility.await().atMost(LONGEST_WAIT).untilAsserted(() -> {
            assertThat(proxy.proxy().clients())
                    .as("%s: clients that are still there", seed)
                    .isZero();
            assertThat(proxy.proxy().budget().usedBytes())
                    .as("%s: bytes that clients and servers make the proxy hold", seed)
                    .isZero();
            PrometheusText metrics = AdminClient.metrics(proxy.adminPort());
            assertThat(metrics.value("sluice_requests_in_flight{pool=alpha}"))
                    .as("%s: requests in flight", seed)
                    .isZero();
        });
    }
}
