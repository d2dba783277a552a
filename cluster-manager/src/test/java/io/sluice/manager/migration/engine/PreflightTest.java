package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PreflightTest {

    private static final String GOOD = "redis_version:7.0.15\nrole:master\nredis_mode:standalone\nloading:0\n";
    private static final ClockSkew SMALL = new ClockSkew(3_000, 500);

    private static ServerFacts facts(String host, String info) {
        return new ServerFacts(
                RedisEndpoint.of(ServerAddress.tcp(host, 6379)),
                InfoText.of(GOOD + "run_id:" + host + "\n" + info),
                Set.of(),
                true,
                true);
    }

    private static List<String> refusals(ServerFacts source, ServerFacts target, ClockSkew skew, long bytes) {
        return Preflight.check(source, target, skew, bytes, EngineKind.TRACK).stream()
                .filter(Preflight.Finding::refuses)
                .map(Preflight.Finding::message)
                .toList();
    }

    private static List<String> refusals(String source, String target) {
        return refusals(facts("a", source), facts("b", target), SMALL, 0);
    }

    @Test
    void findsNothingWrongWithGoodServers() {
        assertThat(Preflight.check(facts("a", ""), facts("b", ""), SMALL, 0, EngineKind.STREAM))
                .isEmpty();
    }

    @Test
    void wantsMastersThatHaveLoaded() {
        assertThat(refusals("role:slave\n", "loading:1\n"))
                .containsExactly(
                        "a:6379 is a slave, a master is needed",
                        "b:6379 still loads its data set; try again when it has");
    }

    @Test
    void refusesATargetThatCannotReadTheValues() {
        assertThat(refusals("redis_version:7.2.4\n", ""))
                .singleElement()
                .asString()
                .contains("7.0", "older", "7.2");
        assertThat(refusals("", "redis_version:8.0.0\n")).isEmpty();
    }

    @Test
    void refusesATargetWithoutRoom() {
        ServerFacts target = facts("b", "maxmemory:1000000000\nused_memory:600000000\nmaxmemory_policy:noeviction\n");

        assertThat(refusals(facts("a", ""), target, SMALL, 249_000_000)).isEmpty();
        assertThat(refusals(facts("a", ""), target, SMALL, 251_000_000))
                .singleElement()
                .asString()
                .contains("b:6379 would be full", "572 MiB used", "maxmemory 953 MiB");
    }

    @Test
    void warnsOfServersThatDropKeys() {
        ServerFacts target = facts("b", "maxmemory:1000000000\nmaxmemory_policy:allkeys-lru\n");

        assertThat(Preflight.check(facts("a", ""), target, SMALL, 0, EngineKind.TRACK))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.refuses()).isFalse();
                    assertThat(finding.message()).contains("b:6379", "allkeys-lru");
                });
    }

    @Test
    void refusesClocksThatDiffer() {
        assertThat(refusals(facts("a", ""), facts("b", ""), new ClockSkew(-201_000, 0), 0))
                .singleElement()
                .asString()
                .contains("differ by -201 ms", "at most 200 ms");
        assertThat(refusals(facts("a", ""), facts("b", ""), new ClockSkew(200_000, 0), 0))
                .isEmpty();
    }

    @Test
    void refusesAMoveToItselfAndToAClusterNode() {
        assertThat(refusals(facts("a", ""), facts("a", ""), SMALL, 0))
                .singleElement()
                .asString()
                .contains("same server");
        assertThat(refusals("", "redis_mode:cluster\n"))
                .singleElement()
                .asString()
                .contains("cluster mode");
    }

    @Test
    void refusesATargetThatLacksFunctions() {
        ServerFacts source =
                new ServerFacts(facts("a", "").server(), facts("a", "").info(), Set.of("mylib"), true, true);

        assertThat(refusals(source, facts("b", ""), SMALL, 0))
                .singleElement()
                .asString()
                .contains("mylib", "b:6379");
    }

    @Test
    void choosesTheEngineAndSaysWhy() {
        ServerFacts source = facts("a", "");
        ServerFacts empty = facts("b", "");
        ServerFacts filled = facts("b", "db0:keys=5,expires=0\n");
        ServerFacts locked = new ServerFacts(source.server(), source.info(), Set.of(), false, true);
        ServerFacts old = facts("a", "redis_version:6.2.1\n");
        ServerFacts ancient = facts("a", "redis_version:5.0.3\n");

        assertThat(engine(EngineChoice.choose(source, empty, true))).isEqualTo(EngineKind.REPLICA);
        assertThat(engine(EngineChoice.choose(source, filled, true))).isEqualTo(EngineKind.STREAM);
        assertThat(engine(EngineChoice.choose(source, empty, false))).isEqualTo(EngineKind.STREAM);
        assertThat(engine(EngineChoice.choose(locked, empty, false))).isEqualTo(EngineKind.TRACK);
        assertThat(EngineChoice.choose(locked, empty, false).orElseThrow().reason())
                .contains("a:6379", "PSYNC");
        assertThat(EngineChoice.choose(old, empty, false).orElseThrow().reason())
                .contains("6.2", "7.0");
        assertThat(EngineChoice.choose(ancient, empty, false)).isEmpty();
        assertThat(EngineChoice.objection(ancient, empty, EngineKind.TRACK).orElseThrow())
                .contains("CLIENT TRACKING");
    }

    private static EngineKind engine(Optional<EngineChoice> choice) {
        return choice.orElseThrow().engine();
    }
}
