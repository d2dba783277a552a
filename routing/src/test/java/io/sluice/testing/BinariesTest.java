package io.sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.opentest4j.TestAbortedException;

@Isolated("sets a system property")
class BinariesTest {

    private final String before = System.getProperty(Binaries.REQUIRE, "");

    @BeforeEach
    void requireTwo() {
        System.setProperty(Binaries.REQUIRE, "redis, nutcracker");
    }

    @AfterEach
    void putBack() {
        System.setProperty(Binaries.REQUIRE, before);
    }

    @Test
    void aMissingServerFailsWhereItIsRequired() {
        assertThat(Binaries.missing("nutcracker", "not there")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aMissingServerSkipsElsewhereAndSaysWhy() {
        assertThat(Binaries.missing("memcached", "not there"))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContaining("memcached")
                .hasMessageContaining("not there");
    }

    @Test
    void findsProgramsOnThePath() {
        assertThat(Binaries.onPath("sh")).isPresent();
        assertThat(Binaries.onPath("no-such-program")).isEmpty();
    }
}
