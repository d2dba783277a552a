package io.sluice.proxy.protocol.resp;

import static io.sluice.proxy.testing.RespFrames.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.testing.RequestDecoding;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.testing.Seed;
import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RespRequestDecoderTest {

    private static final RespLimits LIMITS = new RespLimits(1 << 20, 1024, 4096);

    // ---- arrays

    @Test
    void readsArguments() {
        assertRequests(request("SET", "k", "value"), List.of("SET", "k", "value"));
        assertRequests(request("GET", ""), List.of("GET", ""));
        assertRequests(request("", "", ""), List.of("", "", ""));
    }

    @Test
    void readsBinaryArguments() {
        StringBuilder allBytes = new StringBuilder();
        for (int i = 0; i < 256; i++) {
            allBytes.append((char) i);
        }
        String tricky = "\r\n$3\r\nGET\r\n*1\r\n";

        assertRequests(request("SET", tricky, allBytes.toString()), List.of("SET", tricky, allBytes.toString()));
    }

    @Test
    void readsPipelines() {
        assertRequests(
                request("GET", "a") + request("PING") + request("SET", "b", "\r\n") + "PING\r\n" + request("GET", "c"),
                List.of("GET", "a"),
                List.of("PING"),
                List.of("SET", "b", "\r\n"),
                List.of("PING"),
                List.of("GET", "c"));
    }

    @Test
    void forwardsTheBytesOfAnArrayAsTheyCame() {
        String frame = request("MSET", "a", "1", "b", "");

        RequestDecoding decoding = Decoding.of(LIMITS, frame + frame);

        assertThat(decoding.forwarded()).containsExactly(frame, frame);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*0\r\n", "*-1\r\n", "*-7\r\n", "\r\n", "\n", "   \r\n", "\r\n*0\r\n\n\t\n*-1\r\n"})
    void skipsWhatAsksNothing(String nothing) {
        assertRequests(nothing);
        assertRequests(nothing + request("PING") + nothing + "GET a\n" + nothing, List.of("PING"), List.of("GET", "a"));
    }

    @Test
    void anyAmountOfNothingIsSkippedOnASmallStack() throws InterruptedException {
        String nothing = "\r\n*0\r\n".repeat(100_000);
        RequestDecoding[] decoding = new RequestDecoding[1];

        Thread small = new Thread(null, () -> decoding[0] = Decoding.of(LIMITS, nothing), "small stack", 64 << 10);
        small.start();
        small.join();

        assertThat(decoding[0]).isNotNull();
        assertThat(decoding[0].consumed()).isEqualTo(nothing.length());
    }

    @Test
    void leavesAnIncompleteRequestUnread() {
        String frame = request("SET", "key", "value");

        for (int length = 0; length < frame.length(); length++) {
            RequestDecoding decoding = Decoding.of(LIMITS, frame.substring(0, length));

            assertThat(decoding.requests()).isEmpty();
            assertThat(decoding.consumed()).isZero();
            assertThat(decoding.error()).isNull();
        }
    }

    @Test
    void tellsHowManyBytesAreMissing() throws ProtocolException {
        RespRequestDecoder decoder = new RespRequestDecoder(RedisCommands.TABLE, LIMITS);
        ByteBuf in = Unpooled.wrappedBuffer(RespFrames.bytes("*2\r\n$3\r\nGET\r\n$1000\r\nabc"));

        assertThat(decoder.decode(in)).isFalse();

        assertThat(decoder.missing()).isEqualTo(1000 - 3 + 2);
        assertThat(decoder.midRequest()).isTrue();
    }

    @Test
    void startsAnewAfterReset() throws ProtocolException {
        RespRequestDecoder decoder = new RespRequestDecoder(RedisCommands.TABLE, LIMITS);
        assertThat(decoder.decode(Unpooled.wrappedBuffer(RespFrames.bytes("*2\r\n$3\r\nGET\r\n$9\r\nhalf"))))
                .isFalse();

        decoder.reset();

        assertThat(decoder.midRequest()).isFalse();
        assertThat(decoder.decode(Unpooled.wrappedBuffer(RespFrames.bytes(request("PING")))))
                .isTrue();
        assertThat(decoder.request().count()).isEqualTo(1);
    }

    @Test
    void findsTheCommand() throws ProtocolException {
        RespRequestDecoder decoder = new RespRequestDecoder(RedisCommands.TABLE, LIMITS);

        decoder.decode(Unpooled.wrappedBuffer(RespFrames.bytes(request("gEt", "a"))));
        assertThat(decoder.request().command()).hasToString("get");

        decoder.decode(Unpooled.wrappedBuffer(RespFrames.bytes(request("nosuch", "a"))));
        assertThat(decoder.request().command()).isNull();

        decoder.decode(Unpooled.wrappedBuffer(RespFrames.bytes("client id\r\n")));
        assertThat(decoder.request().command()).hasToString("client|id");
    }

    // ---- what a server would not take, its answer being to close a connection that many clients share

    @ParameterizedTest
    @CsvSource({
        "*x, invalid multibulk length",
        "*, invalid multibulk length",
        "*-, invalid multibulk length",
        "*01, invalid multibulk length",
        "*00, invalid multibulk length",
        "*-0, invalid multibulk length",
        "*-01, invalid multibulk length",
        "*+1, invalid multibulk length",
        "'*1 ', invalid multibulk length",
        "*1x, invalid multibulk length",
        "*1025, invalid multibulk length",
        "*2147483648, invalid multibulk length",
        "*4294967297, invalid multibulk length",
        "*99999999999999999999999999, invalid multibulk length",
        "*18446744073709551617, invalid multibulk length"
    })
    void refusesArrayHeadersThatRedisRefuses(String header, String complaint) {
        assertError(header + "\r\n$4\r\nPING\r\n", complaint);
    }

    @ParameterizedTest
    @CsvSource({
        "$x, invalid bulk length",
        "$, invalid bulk length",
        "$-1, invalid bulk length",
        "$-0, invalid bulk length",
        "$04, invalid bulk length",
        "$+4, invalid bulk length",
        "'$4 ', invalid bulk length",
        "$4x, invalid bulk length",
        "$99999999999999999999999999, invalid bulk length",
        "$18446744073709551620, invalid bulk length",
        "$4294967300, request too large: more than 1048576 bytes (limits.max_request_bytes)",
        "$999999999999999999, request too large: more than 1048576 bytes (limits.max_request_bytes)",
        "+4, 'expected ''$'', got ''+'''",
        "PING, 'expected ''$'', got ''P'''"
    })
    void refusesArgumentHeadersThatRedisRefuses(String header, String complaint) {
        assertError("*1\r\n" + header + "\r\nPING\r\n", complaint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*1\n$4\r\nPING\r\n", "*1\rx$4\r\nPING\r\n", "*1\r\r\n$4\r\nPING\r\n"})
    void refusesLinesThatDoNotEndWithCrLf(String frame) {
        assertError(frame, "invalid multibulk length");
        assertError("*1\r\n" + frame.replace('*', '$'), "invalid bulk length");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"*1\r\n$4\r\nPING*1", "*1\r\n$3\r\nPING\r\n", "*1\r\n$4\r\nPING\r\r", "*1\r\n$4\r\nPING\n\n"})
    void refusesArgumentsThatDoNotEndWithCrLf(String frame) {
        assertThat(Decoding.of(LIMITS, frame).error()).startsWith("expected CRLF after ");
        assertSameAtEveryCut(LIMITS, frame);
    }

    @Test
    void aControlByteIsNotShownInAnError() {
        assertError("*1\r\n\r\n", "expected '$', got '?'");
        assertError("*1\r\n\u00ff\r\n", "expected '$', got '?'");
    }

    @Test
    void endlessDigitsAreRefusedWithoutWaitingForTheEndOfTheirLine() {
        assertError("*" + "1".repeat(19), "invalid multibulk length");
        assertError("*" + "0".repeat(40), "invalid multibulk length");
        assertError("*-" + "1".repeat(40), "invalid multibulk length");
        assertError("*1\r\n$" + "9".repeat(5000), "invalid bulk length");
    }

    @Test
    void nothingIsTakenAfterAnError() {
        RequestDecoding decoding = Decoding.of(LIMITS, request("GET", "a") + "*x\r\n" + request("GET", "b"));

        assertThat(decoding.requests()).containsExactly(List.of("GET", "a"));
        assertThat(decoding.error()).isEqualTo("invalid multibulk length");
    }

    // ---- limits

    @Test
    void takesAsManyArgumentsAsAllowed() {
        RespLimits limits = new RespLimits(1 << 20, 3, 64);

        assertThat(Decoding.of(limits, request("A", "B", "C")).requests()).containsExactly(List.of("A", "B", "C"));
        assertThat(Decoding.of(limits, request("A", "B", "C", "D")).error()).isEqualTo("invalid multibulk length");
    }

    @Test
    void takesAMillionArguments() {
        RespLimits limits = new RespLimits(64 << 20, 1 << 20, 64);
        List<String> arguments = Collections.nCopies(1 << 20, "x");

        assertThat(Decoding.of(limits, request(arguments)).requests()).containsExactly(arguments);
    }

    @Test
    void takesAsManyBytesAsAllowed() {
        String frame = request("SET", "k", "0123456789");

        assertThat(Decoding.of(new RespLimits(frame.length(), 8, 64), frame).requests())
                .hasSize(1);
        assertThat(Decoding.of(new RespLimits(frame.length() - 1, 8, 64), frame).error())
                .isEqualTo(
                        "request too large: more than " + (frame.length() - 1) + " bytes (limits.max_request_bytes)");
    }

    @Test
    void refusesATooLargeArgumentBeforeItArrives() {
        RespLimits limits = new RespLimits(100, 8, 64);

        assertThat(Decoding.of(limits, "*2\r\n$3\r\nGET\r\n$81\r\n").error()).startsWith("request too large");
        assertThat(Decoding.of(limits, "*2\r\n$3\r\nGET\r\n$80\r\n").error()).isNull();
    }

    @Test
    void theLargestLimitsDoNotOverflow() {
        RespLimits limits = new RespLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, 4096);

        assertThat(Decoding.of(limits, "*2147483647\r\n$3\r\nGET\r\n").error()).isNull();
        assertThat(Decoding.of(limits, "*2147483648\r\n").error()).isEqualTo("invalid multibulk length");
        assertThat(Decoding.of(limits, "*2\r\n$3\r\nGET\r\n$2147483619\r\nab").error())
                .isNull();
        assertThat(Decoding.of(limits, "*2\r\n$3\r\nGET\r\n$2147483647\r\nab").error())
                .startsWith("request too large");
    }

    // ---- cost

    @Test
    void aUsualRequestAllocatesNothing() throws ProtocolException {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        RespRequestDecoder decoder = new RespRequestDecoder(RedisCommands.TABLE, LIMITS);
        String pipeline = request("SET", "key", "value") + request("MGET", "a", "b", "c", "d");
        ByteBuf in = Unpooled.wrappedBuffer(RespFrames.bytes(pipeline));
        int rounds = 2_000;

        long found = decodeRounds(decoder, in, rounds); // classes are loaded now
        long before = threads.getCurrentThreadAllocatedBytes();
        found += decodeRounds(decoder, in, rounds);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(found).isEqualTo(4L * rounds);
        assertThat(allocated).isLessThan(rounds * 8L); // what the measuring itself takes; an object has 16 bytes
    }

    private static long decodeRounds(RespRequestDecoder decoder, ByteBuf in, int rounds) throws ProtocolException {
        long found = 0;
        for (int i = 0; i < rounds; i++) {
            in.readerIndex(0);
            while (decoder.decode(in)) {
                found++;
                in.skipBytes(decoder.consumed());
            }
        }
        return found;
    }

    // ---- random bytes

    private static final RespLimits SMALL = new RespLimits(64, 6, 24);
    private static final String ALPHABET = "**$$0011223456789--\r\n\r\n\r\n \"'\\xaGETPING\0\u00ff";

    @Test
    void anyBytesMeanTheSameHoweverTheyAreCut() {
        Seed seed = Seed.next("RespRequestDecoderTest.anyBytes");
        SplittableRandom random = seed.random();
        for (int round = 0; round < 50_000; round++) {
            String input = randomText(random);

            assertSameHoweverCut(input, random, seed);
        }
    }

    @Test
    void damagedPipelinesMeanTheSameHoweverTheyAreCut() {
        Seed seed = Seed.next("RespRequestDecoderTest.damagedPipelines");
        SplittableRandom random = seed.random();
        for (int round = 0; round < 50_000; round++) {
            String input = damaged(randomPipeline(random), random);

            assertSameHoweverCut(input, random, seed);
        }
    }

    private static void assertSameHoweverCut(String input, SplittableRandom random, Seed seed) {
        RequestDecoding whole = Decoding.of(SMALL, input);
        int first = random.nextInt(input.length() + 1);
        int second = first + random.nextInt(input.length() + 1 - first);

        assertThat(Decoding.byteByByte(SMALL, input)).as("%s: %s", seed, input).isEqualTo(whole);
        assertThat(Decoding.of(SMALL, input, first, second))
                .as("%s: %s cut at %d and %d", seed, input, first, second)
                .isEqualTo(whole);
        assertThat(RespFrames.readAsServer(String.join("", whole.forwarded())))
                .as("%s: what servers understand of %s", seed, input)
                .isEqualTo(whole.requests());
    }

    private static String randomText(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(60);
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }

    private static String randomPipeline(SplittableRandom random) {
        StringBuilder pipeline = new StringBuilder();
        int pieces = random.nextInt(1, 5);
        for (int i = 0; i < pieces; i++) {
            pipeline.append(
                    switch (random.nextInt(6)) {
                        case 0 -> "*0\r\n";
                        case 1 -> "\r\n";
                        case 2 -> "SET k \"a\\x00 b\"\r\n";
                        case 3 -> request("PING");
                        case 4 -> request("SET", "k", "\r\n*1\r\n");
                        default -> request("MGET", "", "a".repeat(random.nextInt(12)));
                    });
        }
        return pipeline.toString();
    }

    private static String damaged(String pipeline, SplittableRandom random) {
        StringBuilder text = new StringBuilder(pipeline);
        int blows = random.nextInt(4);
        for (int i = 0; i < blows && text.length() > 0; i++) {
            int place = random.nextInt(text.length());
            char other = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
            switch (random.nextInt(3)) {
                case 0 -> text.setCharAt(place, other);
                case 1 -> text.insert(place, other);
                default -> text.deleteCharAt(place);
            }
        }
        return text.toString();
    }

    // ---- how it is asserted

    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    private static void assertRequests(String input, List<String>... requests) {
        RequestDecoding whole = Decoding.of(LIMITS, input);

        assertThat(whole.error()).isNull();
        assertThat(whole.requests()).containsExactly(requests);
        assertThat(whole.consumed()).isEqualTo(input.length());
        assertThat(RespFrames.readAsServer(String.join("", whole.forwarded()))).containsExactly(requests);
        assertSameAtEveryCut(LIMITS, input);
    }

    private static void assertError(String input, String complaint) {
        assertThat(Decoding.of(LIMITS, input).error()).isEqualTo(complaint);
        assertSameAtEveryCut(LIMITS, input);
    }

    private static void assertSameAtEveryCut(RespLimits limits, String input) {
        RequestDecoding whole = Decoding.of(limits, input);
        assertThat(Decoding.byteByByte(limits, input)).as("byte by byte").isEqualTo(whole);
        for (int cut = 0; cut <= input.length(); cut++) {
            assertThat(Decoding.of(limits, input, cut)).as("cut at %d", cut).isEqualTo(whole);
        }
    }
}
