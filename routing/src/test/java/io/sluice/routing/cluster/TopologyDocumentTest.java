package io.sluice.routing.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.routing.Router;
import io.sluice.routing.config.ConfigException;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopologyDocumentTest {

    private static final String DOCUMENT = """
            {
              "format": 1,
              "epoch": 4711,
              "term": 17,
              "pools": {
                "sessions": {
                  "protocol": "redis",
                  "distribution": "slots",
                  "slots": 16384,
                  "shards": {
                    "s1": {
                      "primary": "10.0.0.1:6379",
                      "replicas": ["10.0.0.2:6379", "10.0.0.3:6379"],
                      "owns": "0-8191"
                    },
                    "s2": {
                      "primary": "cache-2.example:6379",
                      "owns": "8192-16382"
                    }
                  },
                  "handoffs": {
                    "h-42": {
                      "state": "FREEZE",
                      "slots": "100-199",
                      "from": "s1",
                      "to": "s2",
                      "lease_ms": 3000,
                      "freeze_budget_ms": 1500,
                      "copy_since": 4700,
                      "attempt": 2
                    }
                  }
                },
                "pages": {
                  "protocol": "memcache",
                  "distribution": "ketama",
                  "hash": "fnv1a_64",
                  "hash_tag": "{}",
                  "servers": ["10.0.0.5:11211:1 alpha", "10.0.0.6:11211:2"]
                }
              }
            }
            """;

    private static Topology parse(String text) {
        return TopologyDocument.parse("topology", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsAndWritesTheSame() {
        assertThat(TopologyDocument.text(parse(DOCUMENT))).isEqualTo(DOCUMENT);
    }

    @Test
    void aMoveOfAWholeServerSaysSo() {
        String whole = DOCUMENT.replace("\"attempt\": 2\n", "\"attempt\": 2,\n          \"whole_server\": true\n");

        Topology read = parse(whole);

        assertThat(read).isNotEqualTo(parse(DOCUMENT));
        SlotPool pool = read.slotPool("sessions").orElseThrow();
        assertThat(pool.replacing("s2")).contains(pool.handoff("h-42").orElseThrow());
        assertThat(pool.replacing("s1")).isEmpty();
        assertThat(parse(TopologyDocument.text(read))).isEqualTo(read);
    }

    @Test
    void readsWhatItSays() {
        Topology topology = parse(DOCUMENT);
        SlotPool sessions = topology.slotPool("sessions").orElseThrow();

        assertThat(topology.epoch()).isEqualTo(4711);
        assertThat(topology.hasHandoffs()).isTrue();
        assertThat(sessions.hash()).isEqualTo(SlotHash.REDIS_CLUSTER);
        assertThat(sessions.unowned()).hasToString("16383");
        assertThat(sessions.ownerOf(8192)).map(Shard::name).contains("s2");
        assertThat(sessions.handoff("h-42").map(Handoff::attempt)).contains(2);
        assertThat(topology.pool("pages").map(TopologyPool::protocol)).contains(PoolProtocol.MEMCACHE);
    }

    @Test
    void aProxyRoutesByIt() {
        SlotPool pool = parse(DOCUMENT).slotPool("sessions").orElseThrow();
        byte[] key = "foo".getBytes(StandardCharsets.UTF_8); // slot 12182

        assertThat(pool.definition().distribution()).isEqualTo(DistributionKind.SLOTS);
        assertThat(Router.of(pool.definition()).explain(key).server())
                .hasValueSatisfying(
                        server -> assertThat(server.address()).isEqualTo(ServerAddress.tcp("cache-2.example", 6379)));
    }

    @Test
    void readsJsonWithoutSpacesAndYaml() {
        assertThat(parse("{\"format\":1,\"epoch\":3,\"pools\":{}}").epoch()).isEqualTo(3);
        assertThat(parse("format: 1\nepoch: 3\npools: {}\n").epoch()).isEqualTo(3);
    }

    @Test
    void tellsAllMistakesAtOnce() {
        String wrong = DOCUMENT.replace("\"8192-16382\"", "\"8000-16384\"")
                .replace("\"10.0.0.1:6379\"", "\"10.0.0.2:6379\"")
                .replace("\"to\": \"s2\"", "\"to\": \"s3\"")
                .replace("\"hash\":", "\"hush\":");

        assertThatThrownBy(() -> parse(wrong))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("owns: '8000-16384' is not a set of slots")
                .hasMessageContaining("replicas: 10.0.0.2:6379 is the primary as well")
                .hasMessageContaining("there is no shard 's3'")
                .hasMessageContaining("hush: unknown key");
    }

    @Test
    void refusesSlotsWithTwoOwnersAndHandoffsOfOthersSlots() {
        assertThatThrownBy(() -> parse(DOCUMENT.replace("8192-16382", "8000-16382")))
                .hasMessageContaining("shard 's1' owns 8000-8191 already");
        assertThatThrownBy(() -> parse(DOCUMENT.replace("100-199", "8100-8200")))
                .hasMessageContaining("shard 's1' does not own 8192-8200");
    }

    /** With a shard that is drained, and a move that waits. */
    private static String waiting(String slots, String from, String to) {
        return DOCUMENT.replace("\"owns\": \"8192-16382\"", "\"owns\": \"8192-16382\",\n          \"draining\": true")
                .replace(
                        "\"handoffs\": {",
                        "\"waiting\": {\"m-1\": {\"slots\": \"%s\", \"from\": \"%s\", \"to\": \"%s\"}},\n \"handoffs\": {"
                                .formatted(slots, from, to));
    }

    @Test
    void movesThatWaitAndShardsThatAreDrainedAreReadBack() {
        Topology topology = parse(waiting("9000-9099", "s2", "s1"));
        SlotPool pool = topology.slotPool("sessions").orElseThrow();

        assertThat(pool.waiting().values())
                .containsExactly(new WaitingMove("m-1", SlotSet.range(9000, 9099), "s2", "s1"));
        assertThat(pool.shard("s2").map(Shard::draining)).contains(true);
        assertThat(pool.shard("s1").map(Shard::draining)).contains(false);
        assertThat(TopologyDocument.parse("again", TopologyDocument.bytes(topology)))
                .isEqualTo(topology);
        assertThat(pool.definition())
                .as("proxies pass it over")
                .isEqualTo(parse(DOCUMENT).slotPool("sessions").orElseThrow().definition());
    }

    @Test
    void refusesMovesThatCannotBe() {
        assertThatThrownBy(() -> parse(waiting("150-250", "s1", "s2")))
                .hasMessageContaining("150-199 are on their way, or wait for it, already");
        assertThatThrownBy(() -> parse(waiting("9000", "s1", "s2")))
                .hasMessageContaining("shard 's1' does not own 9000");
        assertThatThrownBy(() -> parse(waiting("9000", "s2", "s2"))).hasMessageContaining("expected another");
        assertThatThrownBy(() -> parse(waiting("", "s2", "s9")))
                .hasMessageContaining("a move of no slot")
                .hasMessageContaining("there is no shard 's9'");
    }

    @Test
    void refusesAnotherFormat() {
        assertThatThrownBy(() -> parse(DOCUMENT.replace("\"format\": 1", "\"format\": 2")))
                .hasMessageContaining("format");
        assertThatThrownBy(() -> parse("{\"pools\": {}}")).hasMessageContaining("format: missing");
    }

    @Test
    void registrationsAndHeartbeatsReadBack() {
        ProxyRegistration registration = new ProxyRegistration(
                "a1-b2", "0.1.0", "http://10.0.0.9:9600", Instant.parse("2026-11-21T10:00:00Z"), Map.of("p", "h:1"));
        Heartbeat heartbeat = new Heartbeat("a1-b2", 8812, 4711, 4712, "pool \"p\": speaks memcache\nhere");

        assertThat(ProxyRegistration.parse("r", registration.bytes())).isEqualTo(registration);
        ProxyRegistration elsewhere = registration.withDatabases(Map.of("p", 3, "q", 0));
        assertThat(ProxyRegistration.parse("r", elsewhere.bytes())).isEqualTo(elsewhere);
        assertThat(new String(registration.bytes(), StandardCharsets.UTF_8)).doesNotContain("databases");
        assertThat(Heartbeat.parse("h", heartbeat.bytes())).isEqualTo(heartbeat);
        assertThat(Heartbeat.parse("h", new Heartbeat("x", 1, 0, 0, "").bytes()).applied())
                .isZero();
    }

    @Test
    void withOwnerTakesSlotsFromTheOthers() {
        SlotPool pool = parse(DOCUMENT).slotPool("sessions").orElseThrow();
        SlotPool moved = pool.withOwner(SlotSet.range(0, 99), "s2");

        assertThat(List.copyOf(moved.shards().values()))
                .map(shard -> shard.slots().toString())
                .containsExactly("100-8191", "0-99,8192-16382");
    }
}
