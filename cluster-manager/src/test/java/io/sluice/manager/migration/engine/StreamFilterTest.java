package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.util.Optional;
import java.util.stream.Collectors;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamFilterTest {

    private static final KeyFilter MOVES = key -> key[0] == 'm';

    /** The target's clock is 100 ms ahead: expiry times grow by that and the margin. */
    private final StreamFilter filter =
            new StreamFilter(MOVES, CommandKeysTest.COMMANDS, new ExpiryShift(new ClockSkew(100_000, 0)));

    private Optional<Frame> frame(String line) throws CopyException {
        return filter.apply(CommandKeysTest.parts(line), 7);
    }

    private String sent(String line) throws CopyException {
        return frame(line)
                .map(frame -> frame.parts().stream().map(CommandKeys::text).collect(Collectors.joining(" ")))
                .orElse("nothing");
    }

    private AbstractThrowableAssert<?, ?> assertStops(String line, Kind kind) {
        return assertThatThrownBy(() -> frame(line))
                .isInstanceOfSatisfying(
                        CopyException.class, e -> assertThat(e.failure().kind()).isEqualTo(kind));
    }

    @Test
    void sendsOnWhatMovesAndNothingElse() throws CopyException {
        assertThat(sent("INCR m1")).isEqualTo("INCR m1");
        assertThat(sent("INCR stays")).isEqualTo("nothing");
        assertThat(sent("PING")).isEqualTo("nothing");
        assertThat(sent("PUBLISH m news")).isEqualTo("nothing");
        assertThat(sent("SELECT 3")).isEqualTo("nothing");
        assertThat(frame("INCR m1").orElseThrow().database()).isEqualTo(3);
    }

    @Test
    void dividesWhatMeansTheSameDivided() throws CopyException {
        assertThat(sent("DEL m1 s1 m2")).isEqualTo("DEL m1 m2");
        assertThat(sent("MSET s1 1 m1 2 s2 3 m2 4")).isEqualTo("MSET m1 2 m2 4");
    }

    @Test
    void stopsAtKeysOnBothSides() {
        assertStops("RENAME m1 s1", Kind.UNSUITABLE)
                .hasMessageContaining("rename")
                .hasMessageNotContaining("m1");
        assertStops("ZUNIONSTORE s1 2 m1 s2", Kind.UNSUITABLE).hasMessageContaining("zunionstore");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FLUSHALL", "flushdb ASYNC", "SWAPDB 0 1", "FUNCTION LOAD x", "MOVE m1 1"})
    void stopsAtWhatConcernsTheWholeServer(String line) {
        assertStops(line, Kind.SOURCE_CHANGED).hasMessageContaining("copy again");
    }

    @ParameterizedTest
    @ValueSource(strings = {"NEWCOMMAND m1", "EVAL script 1 m1", "WAIT 1 1"})
    void stopsAtWhatItDoesNotKnow(String line) {
        assertStops(line, Kind.UNSUITABLE);
    }

    @Test
    void movesExpiryTimesToTheTargetsClock() throws CopyException {
        assertThat(sent("SET m1 v PXAT 1000")).isEqualTo("SET m1 v PXAT 1125");
        assertThat(sent("SET m1 v EXAT 2 GET")).isEqualTo("SET m1 v PXAT 2125 GET");
        assertThat(sent("PEXPIREAT m1 1000")).isEqualTo("PEXPIREAT m1 1125");
        assertThat(sent("RESTORE m1 1000 payload ABSTTL")).isEqualTo("RESTORE m1 1125 payload ABSTTL");
        assertThat(sent("RESTORE m1 0 payload REPLACE")).isEqualTo("RESTORE m1 0 payload REPLACE");
        assertThat(frame("PEXPIREAT m1 1000").orElseThrow().expiresAt()).isEqualTo(1125);
        assertThat(frame("SET m1 v").orElseThrow().expiresAt()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"EXPIRE m1 10", "SET m1 v PX 10", "SET m1 v EX 10", "RESTORE m1 10 payload"})
    void stopsAtRelativeExpiryTimes(String line) {
        assertStops(line, Kind.UNSUITABLE).hasMessageContaining("older than 7.0");
    }

    @Test
    void knowsWhatDoesNotDependOnWhatWasThere() throws CopyException {
        assertThat(frame("SET m1 v").orElseThrow().kind()).isEqualTo(Frame.Kind.FINAL);
        assertThat(frame("SET m1 v KEEPTTL").orElseThrow().kind()).isEqualTo(Frame.Kind.CHANGE);
        assertThat(frame("DEL m1 m2").orElseThrow().kind()).isEqualTo(Frame.Kind.FINAL);
        assertThat(frame("RENAME m1 m2").orElseThrow().kind()).isEqualTo(Frame.Kind.SEVERAL);
        assertThat(frame("HSET m1 f v").orElseThrow().kind()).isEqualTo(Frame.Kind.CHANGE);
    }
}
