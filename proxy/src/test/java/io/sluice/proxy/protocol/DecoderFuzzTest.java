package io.sluice.proxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.protocol.memcache.MemcacheTextProtocol;
import io.sluice.proxy.protocol.memcache.TextLimits;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.testing.Mutations;
import io.sluice.proxy.testing.Pieces;
import io.sluice.proxy.testing.ReplyDecoding;
import io.sluice.proxy.testing.ReplyDecoding.Taking;
import io.sluice.proxy.testing.RequestDecoding;
import io.sluice.proxy.testing.Seed;
import io.sluice.proxy.testing.WireCorpus;
import java.lang.management.ManagementFactory;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every decoder of every protocol on valid, damaged and random bytes, however they are cut. A protocol joins by a row in
 * {@link #protocols}. {@code -Dsluice.seed=N} repeats a run, {@code -Dsluice.rounds=N} makes it longer.
 */
class DecoderFuzzTest {

    private static final int ROUNDS = Integer.getInteger("sluice.rounds", 2_000);
    private static final int LONGEST_PIPELINE = 4;
    private static final int MOST_CUTS = 12;
    private static final int LONGEST_NOISE = 120;
    private static final int HELD_BEYOND_LIMIT = 64; // a length's line may still be incomplete
    private static final long LITTLE_MEMORY_BYTES = 64 << 10;

    /**
     * One protocol with small limits, so that damage reaches them.
     *
     * @param maxHeldBytes most bytes of an incomplete request that may have to be kept
     * @param maxArguments most arguments of a request
     */
    record Row(Protocol small, Protocol usual, WireCorpus corpus, int maxHeldBytes, int maxArguments) {
        @Override
        public String toString() {
            return corpus.name();
        }
    }

    static Stream<Row> protocols() {
        return Stream.of(
                new Row(resp(2_000, 40, 200), usualResp(), WireCorpus.resp(), 2_000, 200),
                new Row(memcache(3_000, 40), usualMemcache(), WireCorpus.memcache(), 3_000, 40));
    }

    private static Protocol resp(int maxRequestBytes, int maxArguments, int maxInlineBytes) {
        RespLimits limits = new RespLimits(maxRequestBytes, maxArguments, maxInlineBytes);
        return new RespProtocol(limits, null, 0, InstantSource.system());
    }

    private static Protocol usualResp() {
        Limits limits = Limits.DEFAULTS;
        return resp(limits.maxRequestBytes(), limits.maxArguments(), limits.maxInlineBytes());
    }

    private static Protocol memcache(int maxRequestBytes, int maxArguments) {
        return new MemcacheTextProtocol(new TextLimits(maxRequestBytes, maxArguments));
    }

    private static Protocol usualMemcache() {
        return memcache(Limits.DEFAULTS.maxRequestBytes(), Limits.DEFAULTS.maxArguments());
    }

    // ---- valid input

    @ParameterizedTest
    @MethodSource("protocols")
    void requestsAreFoundHoweverTheyAreCut(Row row) {
        Seed seed = Seed.next("DecoderFuzzTest.requests " + row);
        SplittableRandom random = seed.random();
        for (String frame : row.corpus().requests()) {
            String input = frame + row.corpus().requests().get(0) + frame;
            RequestDecoding whole = requests(row.usual(), input);

            assertThat(whole.error()).as(input).isNull();
            assertThat(whole.requests()).as(input).hasSize(3);
            assertThat(whole.consumed()).as(input).isEqualTo(input.length());
            for (int cut = 0; cut <= input.length(); cut++) {
                assertSameRequests(row.usual(), input, whole, cut);
            }
            assertSameRequests(row.usual(), input, whole, Pieces.everyByte(input));
            for (int i = 0; i < 100; i++) {
                assertSameRequests(row.usual(), input, whole, Pieces.random(input, MOST_CUTS, random));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("protocols")
    void repliesAreFoundHoweverTheyAreCut(Row row) {
        Seed seed = Seed.next("DecoderFuzzTest.replies " + row);
        SplittableRandom random = seed.random();
        for (String frame : row.corpus().replies()) {
            String first = row.corpus().replies().get(0);
            String input = frame + first + frame;
            ReplyDecoding whole = replies(row.usual(), Taking.WHOLE, input);

            assertThat(whole).isEqualTo(new ReplyDecoding(List.of(frame, first, frame), null));
            for (int cut = 0; cut <= input.length(); cut++) {
                assertSameReplies(row.usual(), input, whole, cut);
            }
            assertSameReplies(row.usual(), input, whole, Pieces.everyByte(input));
            for (int i = 0; i < 100; i++) {
                assertSameReplies(row.usual(), input, whole, Pieces.random(input, MOST_CUTS, random));
            }
        }
    }

    // ---- damaged and random input

    @ParameterizedTest
    @MethodSource("protocols")
    void damagedRequestsMeanTheSameHoweverTheyAreCut(Row row) {
        Seed seed = Seed.next("DecoderFuzzTest.damagedRequests " + row);
        SplittableRandom random = seed.random();
        int errors = 0;
        int found = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String input = damaged(row, row.corpus().requests(), random);
            try {
                RequestDecoding whole = requests(row.small(), input);
                assertSameRequests(row.small(), input, whole, Pieces.everyByte(input));
                assertSameRequests(row.small(), input, whole, Pieces.random(input, MOST_CUTS, random));
                assertBounded(row, input, whole);
                errors += whole.error() == null ? 0 : 1;
                found += whole.requests().size();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(seed + " round " + round + ": " + e + "\n" + input, e);
            }
        }

        assertThat(errors).as("%s: rounds that ended with an error", seed).isBetween(ROUNDS / 10, ROUNDS * 9 / 10);
        assertThat(found).as("%s: requests found", seed).isGreaterThan(ROUNDS / 2);
    }

    @ParameterizedTest
    @MethodSource("protocols")
    void damagedRepliesMeanTheSameHoweverTheyAreCut(Row row) {
        Seed seed = Seed.next("DecoderFuzzTest.damagedReplies " + row);
        SplittableRandom random = seed.random();
        int errors = 0;
        int found = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String input = damaged(row, row.corpus().replies(), random);
            try {
                ReplyDecoding whole = replies(row.small(), Taking.WHOLE, input);
                assertSameReplies(row.small(), input, whole, Pieces.everyByte(input));
                assertSameReplies(row.small(), input, whole, Pieces.random(input, MOST_CUTS, random));
                errors += whole.error() == null ? 0 : 1;
                found += whole.replies().size();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(seed + " round " + round + ": " + e + "\n" + input, e);
            }
        }

        assertThat(errors).as("%s: rounds that ended with an error", seed).isBetween(ROUNDS / 10, ROUNDS * 9 / 10);
        assertThat(found).as("%s: replies found", seed).isGreaterThan(ROUNDS / 2);
    }

    private static String damaged(Row row, List<String> frames, SplittableRandom random) {
        Mutations mutations = new Mutations(row.corpus(), random);
        if (random.nextInt(8) == 0) {
            return mutations.anyBytes(LONGEST_NOISE);
        }
        String pipeline = WireCorpus.pipeline(frames, LONGEST_PIPELINE, random);
        return mutations.mutated(pipeline, frames.get(random.nextInt(frames.size())));
    }

    private static void assertBounded(Row row, String input, RequestDecoding decoding) {
        assertThat(decoding.requests())
                .as(input)
                .allSatisfy(arguments -> assertThat(arguments).hasSizeLessThanOrEqualTo(row.maxArguments()));
        if (decoding.error() == null) {
            assertThat(input.length() - decoding.consumed())
                    .as("bytes held without an error: %s", input)
                    .isLessThanOrEqualTo(row.maxHeldBytes() + HELD_BEYOND_LIMIT);
        }
    }

    // ---- what never ends

    @ParameterizedTest
    @MethodSource("protocols")
    void whatIsAnnouncedTakesNoMemory(Row row) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (String announcement : row.corpus().announcements()) {
            RequestDecoder requests = row.usual().newRequestDecoder();
            ReplyDecoder replies = row.usual().newReplyDecoder();
            requests(row.usual(), announcement); // classes are loaded now
            replies(row.usual(), Taking.WHOLE, announcement);
            long before = threads.getCurrentThreadAllocatedBytes();

            RequestDecoding.of(requests, announcement);
            ReplyDecoding.of(replies, Taking.WHOLE, announcement);

            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(allocated).as(announcement).isLessThan(LITTLE_MEMORY_BYTES + 16L * announcement.length());
        }
    }

    @ParameterizedTest
    @MethodSource("protocols")
    void whatNeverEndsIsRefusedAtItsLimit(Row row) {
        Seed seed = Seed.next("DecoderFuzzTest.neverEnds " + row);
        SplittableRandom random = seed.random();
        for (String token : row.corpus().tokens()) {
            String endless = token.repeat((3 * row.maxHeldBytes() + HELD_BEYOND_LIMIT) / token.length());
            for (int i = 0; i < 5; i++) {
                RequestDecoding decoding = requests(row.small(), endless, Pieces.random(endless, 200, random));

                assertThat(decoding.error() != null || endless.length() - decoding.consumed() <= row.maxHeldBytes())
                        .as("%s: endless '%s': %s", seed, token, decoding.error())
                        .isTrue();
            }
        }
    }

    // ---- how it is asserted

    private static RequestDecoding requests(Protocol protocol, String input, int... cuts) {
        RequestDecoder decoder = protocol.newRequestDecoder();
        return RequestDecoding.of(decoder, input, cuts);
    }

    private static ReplyDecoding replies(Protocol protocol, Taking taking, String input, int... cuts) {
        return ReplyDecoding.of(protocol.newReplyDecoder(), taking, input, cuts);
    }

    /** The decoder comes from a client that left in the middle of something, or broke the protocol. */
    private static void assertSameRequests(Protocol protocol, String input, RequestDecoding whole, int... cuts) {
        RequestDecoder decoder = protocol.newRequestDecoder();
        String begun = cuts.length == 0 ? input : input.substring(0, cuts[cuts.length / 2]);
        RequestDecoding.of(decoder, begun);
        decoder.reset();

        assertThat(RequestDecoding.of(decoder, input, cuts))
                .as("cut at %s", Arrays.toString(cuts))
                .isEqualTo(whole);
    }

    /**
     * The decoder comes from a socket that closed in the middle of something. Only the log sees the words of its errors,
     * which may differ.
     */
    private static void assertSameReplies(Protocol protocol, String input, ReplyDecoding whole, int... cuts) {
        for (Taking taking : Taking.values()) {
            ReplyDecoder decoder = protocol.newReplyDecoder();
            String begun = cuts.length == 0 ? input : input.substring(0, cuts[cuts.length / 2]);
            ReplyDecoding.of(decoder, taking, begun);
            decoder.next();

            ReplyDecoding decoding = ReplyDecoding.of(decoder, taking, input, cuts);

            assertThat(decoding.replies())
                    .as("taken %s, cut at %s: %s", taking, Arrays.toString(cuts), decoding)
                    .isEqualTo(whole.replies());
            assertThat(decoding.error() == null)
                    .as("taken %s, cut at %s: %s", taking, Arrays.toString(cuts), decoding)
                    .isEqualTo(whole.error() == null);
        }
    }
}
