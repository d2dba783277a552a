package io.sluice.proxy.protocol.memcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.CacheOutcome;
import io.sluice.proxy.protocol.CacheUse;
import io.sluice.proxy.protocol.CachedValue;
import io.sluice.proxy.protocol.CachedValue.State;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.proxy.transport.OutBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies as memcached 1.6.18 gave them. */
class TextCacheWordsTest {

    private static final byte[] KEY = bytes("key");

    private final TextCacheWords words = TextCacheWords.WORDS;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static ByteBuf reply(String text) {
        return Unpooled.wrappedBuffer(bytes("before" + text + "behind")).skipBytes(6);
    }

    private CachedValue cached(String text) {
        return words.cached(reply(text), 6, text.length());
    }

    private static String appended(Consumer<OutBuffer> request) {
        OutBuffer out = new OutBuffer(PooledByteBufAllocator.DEFAULT);
        request.accept(out);
        return OutBytes.takeAll(out);
    }

    private static Command command(String name) {
        return MemcacheCommands.TABLE.commands().stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aValueComesWithAllThatBelongsToIt() {
        CachedValue found = cached("VA 3 f5 t100 c18446744073709551615\r\nabc\r\n");

        assertThat(found.state()).isEqualTo(State.VALUE);
        assertThat(found.start()).isEqualTo(6 + "VA 3 f5 t100 c18446744073709551615\r\n".length());
        assertThat(found.length()).isEqualTo(3);
        assertThat(found.flags()).isEqualTo(5);
        assertThat(found.secondsLeft()).isEqualTo(100);
        assertThat(Long.toUnsignedString(found.version())).isEqualTo("18446744073709551615");
        assertThat(cached("VA 0 f0 t-1 c6\r\n\r\n").secondsLeft()).isEqualTo(CachedValue.FOR_EVER);
    }

    @ParameterizedTest
    @CsvSource({
        "VA 0 f0 t-1 c1 W, CLAIMED, 1",
        "VA 0 f0 t3 c7 Z, CLAIMED_BY_OTHER, 7",
        "VA 0 f0 t-1 c6, VALUE, 6",
        "EN, NOTHING, 0",
        "ERROR, NOT_UNDERSTOOD, 0",
        "SERVER_ERROR out of memory, FAILED, 0",
        "ERROR Too many open connections, FAILED, 0",
        "STORED, FAILED, 0"
    })
    void theBeginOfAReplySaysWhatIsThere(String line, State state, long version) {
        CachedValue found = cached(line + "\r\n" + (line.startsWith("VA") ? "\r\n" : ""));

        assertThat(found.state()).isEqualTo(state);
        assertThat(found.version()).isEqualTo(version);
    }

    @ParameterizedTest
    @CsvSource({
        "DELETED, DONE",
        "HD, DONE",
        "NOT_FOUND, ABSENT",
        "NF, ABSENT",
        "EX, CHANGED",
        "NS, ABSENT",
        "HD c18446744073709551615, DONE",
        "HDX, FAILED",
        "NF c0, ABSENT",
        "NS c0, ABSENT",
        "EX c0, CHANGED",
        "ERROR, FAILED",
        "SERVER_ERROR x, FAILED",
        "STORED, FAILED"
    })
    void repliesToRemovalsAndFillsAreTold(String line, CacheOutcome outcome) {
        assertThat(words.outcome(reply(line + "\r\n"), 6, line.length() + 2)).isEqualTo(outcome);
    }

    /** A time to live of more than thirty days is a date to memcached, and long past. */
    @Test
    void aValueThatLivesForMoreThanThirtyDaysGoesHomeForThirty() {
        for (long left : new long[] {2_592_000, 2_592_001, 31_536_000}) {
            CachedValue value = cached("VA 3 f5 t" + left + " c9\r\nabc\r\n");

            assertThat(appended(out -> words.appendFill(KEY, value, ByteBuffer.wrap(bytes("abc")), 7, out)))
                    .isEqualTo("ms key 3 T2592000 F5 C7 c\r\nabc\r\n");
        }
    }

    @Test
    void questionsAreSaidAsMemcachedReadsThem() {
        CachedValue value = cached("VA 3 f5 t100 c9\r\nabc\r\n");
        CachedValue forEver = cached("VA 3 f5 t-1 c9\r\nabc\r\n");

        assertThat(appended(out -> words.appendLook(KEY, true, out))).isEqualTo("mg key f t c v N3\r\n");
        assertThat(appended(out -> words.appendLook(KEY, false, out))).isEqualTo("mg key f t c v\r\n");
        assertThat(appended(out -> words.appendPlainLook(KEY, out))).isEqualTo("get key\r\n");
        assertThat(appended(out -> words.appendRemoval(KEY, out))).isEqualTo("delete key\r\n");
        assertThat(appended(out -> words.appendRemoval(KEY, -1, out))).isEqualTo("md key C18446744073709551615\r\n");
        assertThat(appended(out -> words.appendFill(KEY, value, ByteBuffer.wrap(bytes("abc")), 7, out)))
                .isEqualTo("ms key 3 T100 F5 C7 c\r\nabc\r\n");
        assertThat(appended(out -> words.appendFill(KEY, forEver, ByteBuffer.wrap(bytes("abc")), 7, out)))
                .isEqualTo("ms key 3 T0 F5 C7 c\r\nabc\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"add key 5 60 3\r\na\n\r\r\n", "add  key 5  60 3 \r\na\n\r\r\n", "add key 5 60 3\na\n\r\r\n"})
    void anAddCanBeStoredOverAClaim(String add) {
        assertThat(appended(out -> words.appendOver(bytes(add), 7, out)))
                .isEqualTo("ms key 3 T60 F5 C7 c\r\na\n\r\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "append, append key 7 60 2%xy%, ms key 2 MA C9 c%xy%",
        "prepend, prepend key 7 60 2%xy%, ms key 2 MP C9 c%xy%",
        "replace, replace key 7 60 2%xy%, ms key 2 T60 F7 C9 c%xy%",
        "touch, touch key 60%, ms key 3 T60 F5 C9 c%abc%",
        "gat, gat 60 key%, ms key 3 T60 F5 C9 c%abc%",
        "gats, gats 60 key%, ms key 3 T60 F5 C9 c%abc%"
    })
    void aChangeIsOneOfTheVersionThatWasFound(String name, String request, String asked) {
        CachedValue value = cached("VA 3 f5 t100 c9\r\nabc\r\n");
        ByteBuffer abc = ByteBuffer.wrap(bytes("abc"));

        assertThat(appended(out -> words.appendChange(command(name), bytes(lines(request)), KEY, value, abc, out)))
                .isEqualTo(lines(asked));
        assertThat(abc.remaining()).isEqualTo(3);
    }

    private static String lines(String text) {
        return text.replace("%", "\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "append, false, STORED%",
        "prepend, false, STORED%",
        "replace, false, STORED%",
        "touch, true, TOUCHED%",
        "gat, true, VALUE key 5 3%abc%END%",
        "gats, true, VALUE key 5 3 18446744073709551615%abc%END%",
        "gets, true, VALUE key 5 3 18446744073709551615%abc%END%"
    })
    void aChangeThatWasMadeIsToldAsMemcachedDoes(String name, boolean needsValue, String told) {
        CachedValue value = cached("VA 3 f5 t100 c9\r\nabc\r\n").withVersion(-1);
        ByteBuffer abc = ByteBuffer.wrap(bytes("abc"));

        assertThat(words.done(command(name), KEY, value, abc).toString(StandardCharsets.US_ASCII))
                .isEqualTo(lines(told));
        assertThat(words.needsValue(command(name))).isEqualTo(needsValue);
    }

    @Test
    void aVersionIsReadWhereItIsTold() {
        assertThat(words.version(reply("HD c12\r\n"), 6, 8)).isEqualTo(12);
        assertThat(words.version(reply("HD c18446744073709551615\r\n"), 6, 26)).isEqualTo(-1);
        assertThat(words.version(reply("HD\r\n"), 6, 4)).isZero();
    }

    @Test
    void aValueForAClientIsWhatGetWouldBring() {
        CachedValue value = cached("VA 3 f4294967295 t100 c9\r\nabc\r\n");

        assertThat(new String(words.beforeValue(KEY, value), StandardCharsets.ISO_8859_1))
                .isEqualTo("VALUE key 4294967295 3\r\n");
        assertThat(words.behindValue()).isEqualTo(bytes("END\r\n"));
    }

    @ParameterizedTest
    @CsvSource({
        "get, READ, END",
        "gets, READ_VERSION, END",
        "gat, CHANGE, END",
        "gats, CHANGE, END",
        "set, REPLACE, NOT_FOUND",
        "add, ADD, NOT_STORED",
        "delete, REMOVE, NOT_FOUND",
        "incr, CHECKED_CHANGE, NOT_FOUND",
        "decr, CHECKED_CHANGE, NOT_FOUND",
        "touch, CHANGE, NOT_FOUND",
        "cas, CHECKED_CHANGE, NOT_FOUND",
        "replace, CHANGE, NOT_STORED",
        "append, CHANGE, NOT_STORED",
        "prepend, CHANGE, NOT_STORED"
    })
    void everyCommandHasItsUseAndItsReplyToNothing(String name, CacheUse use, String absent) {
        assertThat(words.use(command(name))).isEqualTo(use);
        assertThat(words.absent(command(name)).toString(StandardCharsets.US_ASCII))
                .isEqualTo(absent + "\r\n");
    }

    @ParameterizedTest
    @EnumSource(CacheUse.class)
    void noUseIsForgotten(CacheUse use) {
        assertThat(MemcacheCommands.TABLE.commands().stream().map(words::use)).contains(use);
    }

    @Test
    void aRefusedAddIsKnown() {
        assertThat(words.isRefusedAdd(reply("NOT_STORED\r\n"), 6, 12)).isTrue();
        assertThat(words.isRefusedAdd(reply("STORED\r\n"), 6, 8)).isFalse();
        assertThat(words.isRefusedChange(reply("CLIENT_ERROR x\r\n"), 6, 16)).isTrue();
        assertThat(words.isRefusedChange(reply("SERVER_ERROR x\r\n"), 6, 16)).isFalse();
        assertThat(words.isRefusedChange(reply("12\r\n"), 6, 4)).isFalse();
        assertThat(words.isNothing(reply("END\r\n"), 6, 5)).isTrue();
        assertThat(Objects.requireNonNull(words.stored()).toString(StandardCharsets.US_ASCII))
                .isEqualTo("STORED\r\n");
        assertThat(words.removed().toString(StandardCharsets.US_ASCII)).isEqualTo("DELETED\r\n");
    }
}
