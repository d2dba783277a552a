package io.sluice.manager.change;

import static io.sluice.manager.change.Changes.MOVING;
import static io.sluice.manager.change.Changes.TWO_SHARDS;
import static io.sluice.manager.change.Changes.lines;
import static io.sluice.manager.change.Changes.parse;
import static io.sluice.manager.change.Changes.refusal;
import static io.sluice.manager.change.Changes.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import org.junit.jupiter.api.Test;

class PoolChangesTest {

    private static final RingPool RING = (RingPool) parse("""
            format: 1
            pools:
              feeds:
                hash: crc16
                hash_tag: "{}"
                servers: ["10.0.2.1:6379:2 left", "10.0.2.2:6379:1 right"]
            """).pool("feeds").orElseThrow();

    private static ApplyDocument document(String text, boolean force) {
        return new ApplyDocument("new.yaml", parse(text), force);
    }

    private static String text() {
        return TopologyDocument.text(TWO_SHARDS);
    }

    @Test
    void aNewPoolTellsHowItSpreadsKeys() throws Exception {
        assertThat(lines(Topology.NONE, new CreateSlotPool("old", PoolProtocol.REDIS, SlotHash.CODIS)))
                .containsExactly("+ pool old: redis, 1024 slots (crc32a), 0 shards");
        assertThat(warnings(Topology.NONE, new CreateSlotPool("old", PoolProtocol.REDIS, SlotHash.CODIS)))
                .containsExactly("pool old: it has no shard yet, so every request gets an error");
        assertThat(lines(Topology.NONE, new CreateRingPool(RING)))
                .containsExactly(
                        "+ pool feeds: redis, ketama (crc16, hash tag {}), 2 servers",
                        "+ pool feeds: server left at 10.0.2.1:6379, weight 2",
                        "+ pool feeds: server right at 10.0.2.2:6379, weight 1");
        assertThat(warnings(Topology.NONE, new CreateRingPool(RING)))
                .singleElement()
                .asString()
                .contains("short keys go to one server");
    }

    @Test
    void aNameIsTakenOnce() {
        assertThat(refusal(TWO_SHARDS, new CreateSlotPool("pages", PoolProtocol.REDIS, SlotHash.CODIS)))
                .isEqualTo("there is a pool 'pages' already: memcache, ketama (fnv1a_64), 2 servers; expected another"
                        + " name");
    }

    @Test
    void aPoolWithKeysGoesOnlyByForce() throws Exception {
        assertThat(refusal(TWO_SHARDS, new RemovePool("sessions", false))).contains("has servers with keys", "force");
        assertThat(refusal(TWO_SHARDS, new RemovePool("store", false))).contains("has servers with keys");
        assertThat(lines(TWO_SHARDS, new RemovePool("sessions", true)))
                .containsExactly("- pool sessions: redis, 16384 slots (crc16), 3 shards");
        assertThat(warnings(TWO_SHARDS, new RemovePool("sessions", true)))
                .anyMatch(line -> line.contains("its clients get errors"));
    }

    @Test
    void anEmptyPoolAndACacheGoWithoutForce() throws Exception {
        Topology empty = new CreateSlotPool("empty", PoolProtocol.REDIS, SlotHash.CODIS).applyTo(TWO_SHARDS);

        assertThat(lines(empty, new RemovePool("empty", false))).hasSize(1);
        assertThat(lines(empty, new RemovePool("pages", false))).hasSize(1);
    }

    @Test
    void aPoolWhoseSlotsAreOnTheirWayStays() {
        assertThat(refusal(MOVING, new RemovePool("sessions", true))).contains("on their way (handoffs h-42)");
    }

    @Test
    void aDocumentReplacesEverythingButEpochAndTerm() throws Exception {
        ApplyDocument change =
                document(text().replace("\"epoch\": 7", "\"epoch\": 99").replace("8192-16000", "8192-16383"), false);

        assertThat(lines(TWO_SHARDS, change)).containsExactly("~ pool sessions: slots 16001-16383 (383): nobody -> s2");
    }

    @Test
    void theSameDocumentChangesNothing() throws Exception {
        assertThat(lines(TWO_SHARDS, document(text(), false))).isEmpty();
        assertThat(warnings(TWO_SHARDS, document(text(), false))).isEmpty();
    }

    @Test
    void aDocumentThatStrandsKeysNeedsForce() throws Exception {
        String moved = text().replace("\"0-8191\"", "\"100-8191\"").replace("alpha", "gamma");

        assertThat(refusal(TWO_SHARDS, document(moved, false)))
                .contains("pool sessions: slots 0-99 (100), 0.6 % of all, would change hands")
                .containsPattern("pool store: [67]\\d\\.\\d % of the keys")
                .doesNotContain("pages");
        assertThat(lines(TWO_SHARDS, document(moved, true)))
                .contains(
                        "~ pool sessions: slots 0-99 (100): s1 -> nobody",
                        "+ pool store: server gamma at 10.0.0.7:6379, weight 1",
                        "- pool store: server alpha at 10.0.0.7:6379, weight 1");
    }

    @Test
    void aPlaceThatGetsAServerWithoutItsKeysNeedsForce() throws Exception {
        String stranger = text().replace("10.0.0.3:6379", "10.0.0.99:6379").replace("10.0.0.8:6379", "10.0.0.80:6379");

        assertThat(refusal(TWO_SHARDS, document(stranger, false)))
                .contains("shard s2 would get the primary 10.0.0.99:6379, which was no server of it")
                .contains("server beta would be 10.0.0.80:6379 and no longer 10.0.0.8:6379")
                .contains("force");
        assertThat(lines(TWO_SHARDS, document(stranger, true)))
                .contains("~ pool sessions: shard s2: primary 10.0.0.3:6379 -> 10.0.0.99:6379");
    }

    @Test
    void twoShardsThatWouldSwapTheirServersNeedForce() {
        String swapped = text().replace("10.0.0.1:6379", "swap")
                .replace("10.0.0.3:6379", "10.0.0.1:6379")
                .replace("swap", "10.0.0.3:6379");

        assertThat(refusal(TWO_SHARDS, document(swapped, false)))
                .contains("shard s1 would get the primary 10.0.0.3:6379")
                .contains("shard s2 would get the primary 10.0.0.1:6379");
    }

    @Test
    void aDocumentMayPromoteAReplicaAndReplaceTheServerOfAnEmptyShard() throws Exception {
        String promoted = text().replace("10.0.0.1:6379", "swap")
                .replace("10.0.0.2:6379", "10.0.0.1:6379")
                .replace("swap", "10.0.0.2:6379")
                .replace("10.0.0.4:6379", "10.0.0.44:6379");

        assertThat(lines(TWO_SHARDS, document(promoted, false)))
                .contains(
                        "~ pool sessions: shard s1: primary 10.0.0.1:6379 -> 10.0.0.2:6379",
                        "~ pool sessions: shard s3: primary 10.0.0.4:6379 -> 10.0.0.44:6379");
    }

    @Test
    void aDocumentBeginsNoHandoffsAndEndsNone() {
        assertThat(refusal(MOVING, document(text(), true)))
                .contains("other handoffs () than the cluster (sessions/h-42)");
    }

    @Test
    void whatIsDifferentInARingHasALineEach() throws Exception {
        String other = text().replace("10.0.0.5:11211:1", "10.0.0.50:11211:1")
                .replace("10.0.0.6:11211:1", "10.0.0.6:11211:3")
                .replaceFirst("fnv1a_64", "murmur");

        assertThat(lines(TWO_SHARDS, document(other, false)))
                .containsExactly(
                        "~ pool pages: ketama (fnv1a_64) -> ketama (murmur)",
                        "~ pool pages: server beta: weight 1 -> 3",
                        "~ pool pages: server alpha: 10.0.0.5:11211 -> 10.0.0.50:11211 (keeps its keys' places)");
    }

    @Test
    void aPoolThatBecomesARingIsSpreadAnew() throws Exception {
        Topology after = TWO_SHARDS.withPool(new RingPool(
                PoolProtocol.MEMCACHE, parse("""
                        format: 1
                        pools:
                          sessions: {servers: ["10.0.0.1:6379:1 s1"]}
                        """).pool("sessions").orElseThrow().definition()));

        TopologyDiff diff = TopologyDiff.between(TWO_SHARDS, after);

        assertThat(diff.lines())
                .contains(
                        "~ pool sessions: protocol redis -> memcache",
                        "~ pool sessions: 16384 slots (crc16) -> ketama (fnv1a_64)");
        assertThat(diff.warnings())
                .anyMatch(line -> line.contains("a proxy that listens for redis refuses the whole topology"))
                .anyMatch(line -> line.contains("of the keys"));
    }
}
