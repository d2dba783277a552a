package io.sluice.proxy.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.TextArguments;
import io.sluice.proxy.protocol.resp.RedisCommands;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FaultBoardTest {

    private record Planned(long nanos, Runnable task) {}

    private final List<Planned> planned = new ArrayList<>();
    private long nanos;
    private final FaultBoard board = new FaultBoard(
            InstantSource.fixed(Instant.EPOCH),
            () -> nanos,
            (delay, task) -> planned.add(new Planned(nanos + delay.toNanos(), task)));
    private final PoolFaults alpha = board.pool("alpha");
    private final PoolFaults beta = board.pool("beta");

    @Test
    void withoutFaultsThereIsNothingToLookAt() {
        assertThat(alpha.current()).isNull();

        begin(order(FaultKind.ERROR));
        board.endAll();

        assertThat(alpha.current()).isNull();
    }

    @Test
    void aFaultOfOnePoolIsNoneOfAnother() {
        begin(new FaultOrder(
                FaultKind.ERROR, "alpha", 100, List.of(), null, null, Duration.ofSeconds(1), Duration.ofSeconds(9)));

        assertThat(alpha.current()).isNotNull();
        assertThat(beta.current()).isNull();
        assertThat(board.pool("gamma").current()).isNull();
        assertThat(board.count("alpha")).isEqualTo(1);
        assertThat(board.count("beta")).isZero();
    }

    @Test
    void everyFaultEndsByItself() {
        begin(order(FaultKind.ERROR));
        FaultPlan plan = Objects.requireNonNull(alpha.current());

        nanos = Duration.ofSeconds(9).toNanos() - 1;
        assertThat(meets(plan, "GET a")).isPresent();
        nanos++;
        assertThat(meets(plan, "GET a")).isEmpty(); // even where nobody has taken it away yet
        runPlanned();

        assertThat(board.faults()).isEmpty();
        assertThat(alpha.current()).isNull();
    }

    @Test
    void aFaultThatWasEndedDoesNotEndTheNextOneWithIt() {
        Fault first = begin(order(FaultKind.ERROR));
        assertThat(board.end(first.id())).isTrue();
        assertThat(board.end(first.id())).isFalse();
        nanos = Duration.ofSeconds(5).toNanos();
        Fault second = begin(order(FaultKind.DROP));

        nanos = Duration.ofSeconds(9).toNanos();
        runPlanned();

        assertThat(board.faults()).containsExactly(second);
    }

    @Test
    void thereIsABoundForTheirNumber() {
        for (int i = 0; i < FaultBoard.MAX_FAULTS; i++) {
            begin(order(FaultKind.ERROR));
        }

        assertThat(board.begin(order(FaultKind.ERROR))).isEmpty();
        assertThat(board.endAll()).isEqualTo(FaultBoard.MAX_FAULTS);
    }

    @Test
    void theFirstFaultThatFitsCounts() {
        Fault gets = begin(order(FaultKind.DELAY, List.of("get"), null, null, 100));
        Fault ofKeys = begin(order(FaultKind.ERROR, List.of(), "cache:", null, 100));
        Fault ofServer = begin(order(FaultKind.DROP, List.of(), null, "server1", 100));
        FaultPlan plan = Objects.requireNonNull(alpha.current());

        assertThat(meets(plan, "GET cache:1")).contains(gets);
        assertThat(meets(plan, "SET cache:1 x")).contains(ofKeys);
        assertThat(meets(plan, "MGET a cache:1")).contains(ofKeys);
        assertThat(meets(plan, "MGET a b1")).contains(ofServer);
        assertThat(meets(plan, "MGET a b")).isEmpty();
        assertThat(meets(plan, "SET cach x")).isEmpty();
    }

    @Test
    void aKeyMustFitBothThePrefixAndTheServer() {
        begin(order(FaultKind.ERROR, List.of(), "cache:", "server1", 100));
        FaultPlan plan = Objects.requireNonNull(alpha.current());

        assertThat(meets(plan, "MGET cache:2 b1")).isEmpty();
        assertThat(meets(plan, "MGET cache:2 cache:1")).isPresent();
    }

    @Test
    void theShareIsKept() {
        begin(order(FaultKind.ERROR, List.of(), null, null, 25));
        FaultPlan plan = Objects.requireNonNull(alpha.current());
        SplittableRandom random = new SplittableRandom(5);

        int met = 0;
        for (int i = 0; i < 10_000; i++) {
            met += meets(plan, "GET a", random).isPresent() ? 1 : 0;
        }

        assertThat(met).isBetween(2_300, 2_700);
    }

    private Fault begin(FaultOrder order) {
        return board.begin(order).orElseThrow();
    }

    private static FaultOrder order(FaultKind kind) {
        return order(kind, List.of(), null, null, 100);
    }

    private static FaultOrder order(
            FaultKind kind, List<String> commands, @Nullable String prefix, @Nullable String server, double percent) {
        return new FaultOrder(
                kind, null, percent, commands, prefix, server, Duration.ofSeconds(1), Duration.ofSeconds(9));
    }

    private void runPlanned() {
        List<Planned> due = planned.stream().filter(one -> one.nanos <= nanos).toList();
        planned.removeAll(due);
        due.forEach(one -> one.task.run());
    }

    private Optional<Fault> meets(FaultPlan plan, String request) {
        return meets(plan, request, new SplittableRandom(1));
    }

    /** A key belongs to the server whose number it ends with. */
    private Optional<Fault> meets(FaultPlan plan, String request, SplittableRandom random) {
        TextArguments arguments = TextArguments.of(request.split(" ", -1));
        Command command = Objects.requireNonNull(RedisCommands.TABLE.find(arguments));
        int[] keys = new int[arguments.count()];
        int count = command.keys().locate(arguments, keys);
        return Optional.ofNullable(plan.meets(
                command,
                arguments,
                keys,
                count,
                (server, key) ->
                        server.endsWith(String.valueOf((char) arguments.byteAt(key, arguments.length(key) - 1))),
                random,
                nanos));
    }
}
