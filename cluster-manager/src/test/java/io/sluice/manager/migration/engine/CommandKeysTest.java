package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandKeysTest {

    /** Rows as COMMAND of a 7.0 server has them. */
    static final CommandKeys COMMANDS = CommandKeys.of(List.of(
            row("set", 1, 1, 1),
            row("mset", 1, -1, 2),
            row("del", 1, -1, 1),
            row("incr", 1, 1, 1),
            row("rename", 1, 2, 1),
            row("move", 1, 1, 1),
            row("bitop", 2, -1, 1),
            row("restore", 1, 1, 1),
            row("pexpireat", 1, 1, 1),
            row("expire", 1, 1, 1),
            row("hset", 1, 1, 1),
            row("wait", 0, 0, 0),
            container("xgroup", row("xgroup|create", 2, 2, 1), row("xgroup|help", 0, 0, 0)),
            row("zunionstore", 1, 1, 1, "movablekeys"),
            row("sort", 1, 1, 1, "movablekeys"),
            row("eval", 0, 0, 0, "movablekeys")));

    private static List<Object> row(String name, long first, long last, long step, String... flags) {
        List<Object> flagBytes =
                Arrays.stream(flags).map(flag -> (Object) RedisLink.ascii(flag)).toList();
        return List.of(RedisLink.ascii(name), -2L, flagBytes, first, last, step);
    }

    private static List<Object> container(String name, List<?>... subcommands) {
        List<Object> columns = new ArrayList<>(row(name, 0, 0, 0));
        columns.addAll(List.of(List.of(), List.of(), List.of(), List.of(subcommands)));
        return columns;
    }

    static List<byte[]> parts(String line) {
        return Arrays.stream(line.split(" ")).map(RedisLink::ascii).toList();
    }

    private static List<Integer> keys(String line) {
        return COMMANDS.in(parts(line)).orElseThrow();
    }

    @Test
    void findsKeysAtFixedPositions() {
        assertThat(keys("SET k v PXAT 1")).containsExactly(1);
        assertThat(keys("mset a 1 b 2")).containsExactly(1, 3);
        assertThat(keys("DEL a b c")).containsExactly(1, 2, 3);
        assertThat(keys("BITOP AND d a b")).containsExactly(2, 3, 4);
        assertThat(keys("WAIT 1 1")).isEmpty();
    }

    @Test
    void findsKeysOfCommandsThatAreSeveral() {
        assertThat(keys("XGROUP CREATE stream group $ MKSTREAM")).containsExactly(2);
        assertThat(keys("xgroup help")).isEmpty();
        assertThat(keys("xgroup unheard-of stream")).isEmpty();
    }

    @Test
    void findsKeysThatTheCommandCounts() {
        assertThat(keys("ZUNIONSTORE d 2 a b WEIGHTS 1 2")).containsExactly(1, 3, 4);
        assertThat(COMMANDS.in(parts("ZUNIONSTORE d 3 a b"))).isEmpty();
        assertThat(COMMANDS.in(parts("ZUNIONSTORE d -1 a b"))).isEmpty();
        assertThat(keys("SORT a BY w_* STORE d")).containsExactly(1, 5);
        assertThat(keys("sort a")).containsExactly(1);
    }

    @Test
    void doesNotGuess() {
        assertThat(COMMANDS.in(parts("EVAL script 1 k"))).isEmpty();
        assertThat(COMMANDS.in(parts("NEWCOMMAND k"))).isEmpty();
        assertThat(CommandKeys.of(null).in(parts("SET k v"))).isEmpty();
    }
}
