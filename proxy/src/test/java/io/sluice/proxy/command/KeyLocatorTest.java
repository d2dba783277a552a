package io.sluice.proxy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class KeyLocatorTest {
    private static final KeyLocator EVAL = KeyLocator.counted(2);
    private static final KeyLocator ZUNIONSTORE = KeyLocator.destinationAndCounted(1, 2);
    private static final KeyLocator MSET = KeyLocator.range(1, -1, 2);
    private static final KeyLocator SORT = KeyLocator.keyWithOptions(
            2,
            KeyOption.key("store"),
            KeyOption.other("limit", 2),
            KeyOption.other("get", 1),
            KeyOption.other("by", 1));

    @Test
    void noneHasNoKeys() {
        assertThat(KeyLocator.none().isNone()).isTrue();
        assertThat(KeyLocator.none().isSingle()).isFalse();
        assertThat(located(KeyLocator.none(), "PING", "text")).isEmpty();
    }

    @Test
    void singleIsAlwaysAtTheSamePlace() {
        KeyLocator key = KeyLocator.key(2);

        assertThat(key.isSingle()).isTrue();
        assertThat(key.singleIndex()).isEqualTo(2);
        assertThat(located(key, "OBJECT", "FREQ", "k")).containsExactly(2);
        assertThat(located(key, "OBJECT", "FREQ")).containsExactly(KeyLocator.WRONG_NUMBER_OF_ARGUMENTS);
    }

    @Test
    void onlyOneKeyAtAFixedPlaceIsSingle() {
        assertThat(KeyLocator.range(1, -1, 1).isSingle()).isFalse();
        assertThat(KeyLocator.range(1, 2, 1).isSingle()).isFalse();
        assertThat(ZUNIONSTORE.isSingle()).isFalse();
        assertThat(SORT.isSingle()).isFalse();
        assertThat(KeyLocator.streams().isSingle()).isFalse();
        assertThat(EVAL.isNone()).isFalse();
        assertThat(KeyLocator.streams().isNone()).isFalse();
    }

    @Test
    void rangesCountFromEitherEnd() {
        assertThat(located(KeyLocator.range(1, -1, 1), "MGET", "a", "b", "c")).containsExactly(1, 2, 3);
        assertThat(located(KeyLocator.range(1, -2, 1), "BLPOP", "a", "b", "0")).containsExactly(1, 2);
        assertThat(located(KeyLocator.range(1, 2, 1), "SMOVE", "a", "b", "m")).containsExactly(1, 2);
        assertThat(located(KeyLocator.range(2, -1, 1), "BITOP", "NOT", "a", "b"))
                .containsExactly(2, 3);
        assertThat(located(KeyLocator.range(1, -1, 1), "SUNSUBSCRIBE")).isEmpty();
        assertThat(located(KeyLocator.range(1, 2, 1), "RENAME", "a"))
                .containsExactly(KeyLocator.WRONG_NUMBER_OF_ARGUMENTS);
    }

    @Test
    void stepsMustComeOutEven() {
        assertThat(located(MSET, "MSET", "a", "1", "b", "2")).containsExactly(1, 3);
        assertThat(located(MSET, "MSET", "a", "1", "b")).containsExactly(KeyLocator.WRONG_NUMBER_OF_ARGUMENTS);
    }

    @Test
    void countedKeysFollowTheirNumber() {
        assertThat(located(EVAL, "EVAL", "s", "2", "a", "b", "arg")).containsExactly(3, 4);
        assertThat(located(EVAL, "EVAL", "s", "0", "arg")).isEmpty();
        assertThat(located(EVAL, "EVAL", "s", "0")).isEmpty();
        assertThat(located(ZUNIONSTORE, "ZUNIONSTORE", "d", "2", "a", "b", "WEIGHTS", "1", "2"))
                .containsExactly(1, 3, 4);
        assertThat(located(ZUNIONSTORE, "ZUNIONSTORE", "d", "0", "a")).containsExactly(1);
        assertThat(located(KeyLocator.counted(1), "LMPOP", "1", "a", "LEFT")).containsExactly(2);
    }

    @Test
    void countsAreReadAsStrictlyAsTheServerDoes() {
        for (String count : new String[] {"", "x", "1x", "+1", "01", "00", " 1", "1 ", "1.0", "-", "-0", "\u00b9"}) {
            assertThat(located(EVAL, "EVAL", "s", count, "a", "b"))
                    .as(count)
                    .containsExactly(KeyLocator.NOT_AN_INTEGER);
        }
        assertThat(located(EVAL, "EVAL", "s", "-1", "a")).containsExactly(KeyLocator.NEGATIVE_COUNT);
    }

    @Test
    void countsBeyondTheArgumentsAreRefused() {
        for (String count :
                new String[] {"2", "3", "2147483647", "4294967297", "18446744073709551617", "9".repeat(99)}) {
            assertThat(located(EVAL, "EVAL", "s", count, "a")).as(count).containsExactly(KeyLocator.TOO_MANY_KEYS);
        }
        assertThat(located(EVAL, "EVAL", "s")).containsExactly(KeyLocator.WRONG_NUMBER_OF_ARGUMENTS);
    }

    @Test
    void streamsAreHalfOfWhatFollowsTheWord() {
        assertThat(streams("XREAD", "STREAMS", "a", "b", "0", "0")).containsExactly(2, 3);
        assertThat(streams("xread", "count", "2", "streams", "a", "$")).containsExactly(4);
        assertThat(streams("XREADGROUP", "GROUP", "streams", "streams", "NOACK", "STREAMS", "a", ">"))
                .containsExactly(6);
        assertThat(streams("XREAD", "STREAMS", "streams", "0")).containsExactly(2);
    }

    @Test
    void malformedStreamsAreRefused() {
        assertThat(streams("XREAD", "STREAMS", "a", "b", "0")).containsExactly(KeyLocator.UNBALANCED_STREAMS);
        assertThat(streams("XREAD", "COUNT", "1", "STREAMS")).containsExactly(KeyLocator.SYNTAX);
        assertThat(streams("XREAD", "COUNT", "1")).containsExactly(KeyLocator.SYNTAX);
        assertThat(streams("XREAD", "COUNT")).containsExactly(KeyLocator.SYNTAX);
        assertThat(streams("XREAD", "GROUP", "g")).containsExactly(KeyLocator.SYNTAX);
        assertThat(streams("XREAD", "nosuch", "STREAMS", "a", "0")).containsExactly(KeyLocator.SYNTAX);
        assertThat(streams("XREAD", "STREAMSX", "a", "0")).containsExactly(KeyLocator.SYNTAX);
    }

    @Test
    void aStreamReadBlocksOnlyByTheOption() {
        assertThat(blocks("XREAD", "BLOCK", "0", "STREAMS", "a", "$")).isTrue();
        assertThat(blocks("XREAD", "COUNT", "1", "block", "10", "STREAMS", "a", "$"))
                .isTrue();
        assertThat(blocks("XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "a", ">"))
                .isTrue();
        assertThat(blocks("XREADGROUP", "GROUP", "block", "block", "STREAMS", "block", "block"))
                .isFalse();
        assertThat(blocks("XREAD", "STREAMS", "a", "$")).isFalse();
        assertThat(blocks("XREAD", "COUNT", "BLOCK", "STREAMS", "a", "$")).isFalse();
        assertThat(blocks("XREAD", "nosuch", "BLOCK")).isFalse();
    }

    @Test
    void optionsMayNameADestination() {
        assertThat(located(SORT, "SORT", "k")).containsExactly(1);
        assertThat(located(SORT, "SORT", "k", "ALPHA", "STORE", "d")).containsExactly(1, 4);
        assertThat(located(SORT, "SORT", "k", "store", "d", "STORE", "e")).containsExactly(1, 5);
        assertThat(located(SORT, "SORT", "k", "LIMIT", "0", "1", "STORE", "d")).containsExactly(1, 6);
    }

    @Test
    void valuesOfOtherOptionsAreNotOptions() {
        assertThat(located(SORT, "SORT", "k", "BY", "store", "DESC")).containsExactly(1);
        assertThat(located(SORT, "SORT", "k", "GET", "store", "GET", "store", "STORE", "d"))
                .containsExactly(1, 7);
        assertThat(located(SORT, "SORT", "k", "STORE")).containsExactly(1);
        assertThat(located(SORT, "SORT", "k", "LIMIT", "STORE")).containsExactly(1);
    }

    private static int[] streams(String... request) {
        return located(KeyLocator.streams(), request);
    }

    private static boolean blocks(String... request) {
        return KeyLocator.streams().blocks(TextArguments.of(request));
    }

    /** The places of the keys, or the one negative code. */
    private static int[] located(KeyLocator locator, String... request) {
        int[] into = new int[request.length];
        int count = locator.locate(TextArguments.of(request), into);
        return count < 0 ? new int[] {count} : Arrays.copyOf(into, count);
    }
}
