package io.sluice.proxy.testing;

import org.junit.jupiter.api.Test;

class LeakGateTest {

    @Test
    void watchesUnitTestsToo() {
        LeakGateIT.assertIsWatching();
    }
}
