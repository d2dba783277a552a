package io.sluice.routing.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.routing.Router;
import io.sluice.routing.config.ConfigException;
import io.sluice.routing.topology.Server;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RingChangeDocumentTest {

    private static final String DOCUMENT = """
            {
              "format": 1,
              "epoch": 12,
              "term": 3,
              "pools": {
                "pages": {
                  "protocol": "memcache",
                  "distribution": "ketama",
                  "hash": "fnv1a_64",
                  "servers": ["10.0.0.5:11211:1 alpha", "10.0.0.6:11212:1"],
                  "change": {
                    "id": "r-1",
                    "kind": "cache",
                    "state": "WINDOW",
                    "next": ["10.0.0.5:11211:1 alpha", "10.0.0.7:11211:1 gamma", "10.0.0.6:11212:1"],
                    "since": 11,
                    "entered_ms": 1795273268000,
                    "lease_ms": 3000,
                    "window_ms": 600000,
                    "grace_ms": 10000
                  }
                }
              }
            }
            """;

    private static Topology parse(String text) {
        return TopologyDocument.parse("topology", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsAndWritesTheSame() {
        String back = DOCUMENT.replace("\"since\": 11", "\"back\": true,\n        \"since\": 11");
        String turning = DOCUMENT.replace("\"since\": 11", "\"turning\": true,\n        \"since\": 11");

        assertThat(TopologyDocument.text(parse(DOCUMENT))).isEqualTo(DOCUMENT);
        assertThat(TopologyDocument.text(parse(back))).isEqualTo(back);
        assertThat(TopologyDocument.text(parse(turning))).isEqualTo(turning);
    }

    @Test
    void queuesHaveAStateInWhichNothingElseIsServed() {
        String sealed = DOCUMENT.replace("memcache", "redis")
                .replace("cache\",", "broker\",")
                .replace("WINDOW", "SEALED");

        assertThat(TopologyDocument.text(parse(sealed))).isEqualTo(sealed);
        assertThatThrownBy(() -> parse(DOCUMENT.replace("WINDOW", "SEALED")))
                .hasMessageContaining("a cache is never in state SEALED");
    }

    @Test
    void readsWhatItSays() {
        Topology topology = parse(DOCUMENT);
        RingPool pool = topology.ringPool("pages").orElseThrow();
        RingChange change = pool.underway().orElseThrow();

        assertThat(topology.hasRingChanges()).isTrue();
        assertThat(topology.withPool(pool.withoutChange()).hasRingChanges()).isFalse();
        assertThat(change.kind()).isEqualTo(RingChange.Kind.CACHE);
        assertThat(change.state()).isEqualTo(RingChangeState.WINDOW);
        assertThat(change.entered()).isEqualTo(Instant.ofEpochMilli(1795273268000L));
        assertThat(change.window()).isEqualTo(Duration.ofMinutes(10));
        assertThat(change.next()).extracting(Server::name).containsExactly("alpha", "gamma", "10.0.0.6:11212");
    }

    @Test
    void bothRingsCanBeAsked() {
        RingPool pool = parse(DOCUMENT).ringPool("pages").orElseThrow();
        Router now = Router.of(pool.definition());
        Router next = Router.of(pool.nextDefinition().orElseThrow());
        int moved = 0;
        for (int i = 0; i < 1000; i++) {
            byte[] key = ("key:" + i).getBytes(StandardCharsets.UTF_8);
            String from = now.explain(key).server().map(Server::name).orElseThrow();
            String to = next.explain(key).server().map(Server::name).orElseThrow();
            assertThat(to).isIn(from, "gamma");
            moved += from.equals(to) ? 0 : 1;
        }

        assertThat(moved).isBetween(100, 400); // one of four parts
    }

    @Test
    void tellsAllMistakesAtOnce() {
        String wrong = DOCUMENT.replace("\"WINDOW\"", "\"DRAINING\"")
                .replace("\"id\": \"r-1\"", "\"id\": \"r/1\"")
                .replace("\"window_ms\": 600000", "\"window_ms\": 86400001")
                .replace("10.0.0.7:11211:1 gamma", "10.0.0.9:11211:1 alpha")
                .replace("\"grace_ms\"", "\"gracious_ms\"");

        assertThatThrownBy(() -> parse(wrong))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("topology:14:18: pools.pages.change.state: a cache is never in state DRAINING")
                .hasMessageContaining("topology:12:15: pools.pages.change.id: is no name")
                .hasMessageContaining("topology:19:22: pools.pages.change.window_ms")
                .hasMessageContaining("duplicate server name 'alpha'")
                .hasMessageContaining("gracious_ms: unknown key");
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> parse(DOCUMENT.replace("10.0.0.7:11211:1 gamma", "10.0.0.6:11212:1 gamma")
                        .replace(", \"10.0.0.6:11212:1\"],\n        \"since\"", "],\n        \"since\"")))
                .hasMessageContaining("'gamma' at 10.0.0.6:11212 is '10.0.0.6:11212' at 10.0.0.6:11212 in the pool");
        assertThatThrownBy(() -> parse(DOCUMENT.replace("\"cache\"", "\"broker\"")))
                .hasMessageContaining("queues are in pools of protocol redis")
                .hasMessageContaining("a broker is never in state WINDOW");
        assertThatThrownBy(() -> parse(DOCUMENT.replace("ketama", "random")))
                .hasMessageContaining("no key of a pool with random distribution has an owner");
        assertThatThrownBy(() -> parse(DOCUMENT.replace("\"kind\": \"cache\",\n        ", "")))
                .hasMessageContaining("kind: missing");
        assertThatThrownBy(() -> parse(DOCUMENT.replace("\"state\": \"WINDOW\",\n        ", "")
                        .replace("\"since\": 11,\n        ", "")))
                .hasMessageContaining("pools.pages.change.state: missing")
                .hasMessageContaining("pools.pages.change.since: missing");
        assertThatThrownBy(() ->
                        parse(DOCUMENT.replace("\"since\": 11", "\"back\": true, \"turning\": true, \"since\": 11")))
                .hasMessageContaining("it is on its way back already");
    }
}
