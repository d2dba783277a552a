package io.sluice.proxy.protocol.memcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.testing.Mutations;
import io.sluice.proxy.testing.Pieces;
import io.sluice.proxy.testing.Seed;
import io.sluice.proxy.testing.WireCorpus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies of a server that was asked for several gets at once. {@code -Dsluice.rounds=N} makes the random ones longer. */
class JoinedReplyDecoderTest {

    private static final int ROUNDS = Integer.getInteger("sluice.rounds", 2_000);
    private static final int WHOLE = Integer.MAX_VALUE;
    private static final String END = "END\r\n";

    /** What came of some bytes of a server. */
    private record Outcome(List<String> replies, boolean failed) {}

    private static Outcome outcome(List<String> requests, int pieceBytes, String answer, int... cuts)
            throws ProtocolException {
        JoinedConversation server = new JoinedConversation(pieceBytes);
        server.ask(requests.toArray(String[]::new));
        server.sent();
        String error = server.answer(answer, cuts);
        return new Outcome(server.replies(), error != null);
    }

    /** However the bytes are cut, and whether or not what has come of a reply is passed on at once. */
    private static void assertSame(Outcome expected, List<String> requests, String answer, int... cuts)
            throws ProtocolException {
        for (int pieceBytes : new int[] {WHOLE, 100, 1}) {
            assertThat(outcome(requests, pieceBytes, answer, cuts))
                    .as("pieces of %s, cut at %s: %s", pieceBytes, Arrays.toString(cuts), answer)
                    .isEqualTo(expected);
        }
    }

    private static void assertSameAtEveryCut(Outcome expected, List<String> requests, String answer)
            throws ProtocolException {
        for (int cut = 0; cut <= answer.length(); cut++) {
            assertSame(expected, requests, answer, cut);
        }
        assertSame(expected, requests, answer, Pieces.everyByte(answer));
    }

    private static String value(String key, String value) {
        return "VALUE " + key + " 7 " + value.length() + "\r\n" + value + "\r\n";
    }

    // ---- whose value it is

    /** All sixteen patterns of hits and misses, with a request on either side. */
    @Test
    void missesAreFoundAtEveryPlaceHoweverTheReplyIsCut() throws Exception {
        List<String> keys = List.of("a", "b", "bb", "c");
        for (int hits = 0; hits < 16; hits++) {
            List<String> requests = new ArrayList<>(List.of("delete x\r\n"));
            StringBuilder answer = new StringBuilder("DELETED\r\n");
            List<String> expected = new ArrayList<>(List.of("DELETED\r\n"));
            for (int i = 0; i < keys.size(); i++) {
                String value = (hits & 1 << i) == 0 ? "" : value(keys.get(i), "END\r\n".repeat(i));
                requests.add("get " + keys.get(i) + "\r\n");
                answer.append(value);
                expected.add(value + END);
            }
            requests.add("set y 0 0 1\r\n1\r\n");
            answer.append(END + "STORED\r\n");
            expected.add("STORED\r\n");

            assertSameAtEveryCut(new Outcome(expected, false), requests, answer.toString());
        }
    }

    @Test
    void aUniqueNumberGoesWithItsValue() throws Exception {
        String a = "VALUE a 0 1 17\r\n1\r\n";
        String c = "VALUE c 0 0 18446744073709551615\r\n\r\n";

        assertSameAtEveryCut(
                new Outcome(List.of(a + END, END, c + END), false),
                List.of("gets a\r\n", "gets b\r\n", "gets c\r\n"),
                a + c + END);
    }

    @Test
    void aReplyThatIsNotCompleteIsNoReply() throws Exception {
        List<String> requests = List.of("get a\r\n", "get b\r\n");

        assertThat(outcome(requests, WHOLE, value("a", "1")).replies()).isEmpty(); // what follows may be rubbish
        assertThat(outcome(requests, WHOLE, value("b", "2")).replies()).containsExactly(END);
        assertThat(outcome(requests, WHOLE, value("a", "1") + value("b", "2")).replies())
                .containsExactly(value("a", "1") + END);
        assertThat(outcome(requests, WHOLE, "").replies()).isEmpty();
    }

    @Test
    void hugeValuesComeInPieces() throws Exception {
        String huge = value("b", "0123456789abcdef".repeat(64 << 10));
        JoinedConversation server = new JoinedConversation(64 << 10);
        server.ask("get a\r\n", "get b\r\n", "get c\r\n", "get d\r\n");
        assertThat(server.sent()).isEqualTo("get a b c d\r\n");
        String answer = huge + value("c", "3") + END;
        int[] cuts = IntStream.range(1, answer.length() / 50_000)
                .map(i -> i * 50_000)
                .toArray();

        assertThat(server.answer(answer, cuts)).isNull();

        assertThat(server.replies()).containsExactly(END, huge + END, value("c", "3") + END, END);
    }

    // ---- errors

    @ParameterizedTest
    @ValueSource(strings = {"ERROR\r\n", "SERVER_ERROR out of memory writing get response\r\n", "CLIENT_ERROR bad\r\n"})
    void anErrorGoesToAllThatHaveNoReplyYet(String error) throws Exception {
        List<String> requests = List.of("get a\r\n", "get b\r\n", "get c\r\n", "get d\r\n", "delete x\r\n");

        assertSameAtEveryCut(
                new Outcome(List.of(error, error, error, error, "DELETED\r\n"), false),
                requests,
                error + "DELETED\r\n");
        assertSameAtEveryCut(
                new Outcome(List.of(END, value("b", "2") + END, error, error, "DELETED\r\n"), false),
                requests,
                value("b", "2") + error + "DELETED\r\n");
        assertSameAtEveryCut(
                new Outcome(List.of(END, END, END, value("d", "") + error, "DELETED\r\n"), false),
                requests,
                value("d", "") + error + "DELETED\r\n"); // as with a get by itself
    }

    @ParameterizedTest
    @ValueSource(strings = {"VALUE x 0 1\r\n", "VALUE  0 1\r\n", "VALUE aa 0 1\r\n", "VALUE B 0 1\r\n", "VALUE\r\n"})
    void aValueOfNobodyIsRefused(String line) throws Exception {
        assertThat(outcome(List.of("get a\r\n", "get b\r\n"), WHOLE, line + "v\r\nEND\r\n"))
                .isEqualTo(new Outcome(List.of(), true));
    }

    @Test
    void aValueThatComesTwiceIsRefused() throws Exception {
        List<String> requests = List.of("get a\r\n", "get b\r\n");
        String a = value("a", "1");
        String b = value("b", "2");

        assertThat(outcome(requests, WHOLE, a + a + b + END)).isEqualTo(new Outcome(List.of(a + END), true));
        assertThat(outcome(requests, WHOLE, a + b + b + END)).isEqualTo(new Outcome(List.of(a + END), true));
        assertThat(outcome(requests, WHOLE, b + a + END)).isEqualTo(new Outcome(List.of(END), true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"STORED\r\n", "5\r\n", "NOT_FOUND\r\n", "+OK\r\n", "\r\n", "END\n", "ENDE\r\n"})
    void otherLinesAreRefused(String line) throws Exception {
        List<String> requests = List.of("get a\r\n", "get b\r\n");

        assertThat(outcome(requests, WHOLE, line).failed()).isTrue();
        assertThat(outcome(requests, WHOLE, value("a", "1") + line + END).failed())
                .isTrue();
        assertThat(outcome(requests, WHOLE, value("b", "1") + line).failed()).isTrue();
    }

    // ---- at random

    @Test
    void everybodyGetsTheReplyToTheirRequest() throws Exception {
        Seed seed = Seed.next("JoinedReplyDecoderTest.everybody");
        SplittableRandom random = seed.random();
        int replies = 0;
        for (int round = 0; round < ROUNDS / 4; round++) {
            RandomTalk talk = RandomTalk.of(random);
            Outcome expected = new Outcome(talk.replies(), false);
            for (int i = 0; i < 4; i++) {
                assertSame(expected, talk.requests(), talk.answer(), Pieces.random(talk.answer(), 12, random));
            }
            assertSame(expected, talk.requests(), talk.answer(), Pieces.everyByte(talk.answer()));
            replies += expected.replies().size();
        }

        assertThat(replies).as("%s", seed).isGreaterThan(ROUNDS);
    }

    @Test
    void damagedRepliesMeanTheSameHoweverTheyAreCut() throws Exception {
        Seed seed = Seed.next("JoinedReplyDecoderTest.damaged");
        SplittableRandom random = seed.random();
        Mutations mutations = new Mutations(WireCorpus.memcache(), random);
        int failed = 0;
        for (int round = 0; round < ROUNDS; round++) {
            RandomTalk talk = RandomTalk.of(random);
            String answer =
                    mutations.mutated(talk.answer(), RandomTalk.of(random).answer());
            Outcome whole = outcome(talk.requests(), WHOLE, answer);
            try {
                assertSame(whole, talk.requests(), answer, Pieces.everyByte(answer));
                assertSame(whole, talk.requests(), answer, Pieces.random(answer, 12, random));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(seed + " round " + round + ": " + e, e);
            }
            failed += whole.failed() ? 1 : 0;
        }

        assertThat(failed).as("%s: rounds that ended with an error", seed).isBetween(ROUNDS / 10, ROUNDS * 19 / 20);
    }

    /** Requests, most of them gets, what a server with some of the keys says to the lines it gets, and to whom. */
    private record RandomTalk(List<String> requests, List<String> replies, String answer) {

        static RandomTalk of(SplittableRandom random) throws ProtocolException {
            List<String> requests = new ArrayList<>();
            List<String> replies = new ArrayList<>();
            JoinedConversation server = new JoinedConversation(WHOLE);
            int present = random.nextInt();
            for (int i = random.nextInt(1, 12); i > 0; i--) {
                int key = random.nextInt(24);
                boolean get = random.nextInt(5) > 0;
                String request = get ? (random.nextInt(6) == 0 ? "gets k" : "get k") + key : "delete k" + key;
                requests.add(request + "\r\n");
                replies.add(get ? valueOf(key, present) + END : "DELETED\r\n");
            }
            server.ask(requests.toArray(String[]::new));
            StringBuilder answer = new StringBuilder();
            server.sent().lines().forEach(line -> answer.append(answerTo(line, present)));
            return new RandomTalk(requests, replies, answer.toString());
        }

        private static String answerTo(String line, int present) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("delete")) {
                return "DELETED\r\n";
            }
            StringBuilder answer = new StringBuilder();
            for (int i = 1; i < words.length; i++) {
                answer.append(valueOf(Integer.parseInt(words[i].substring(1)), present));
            }
            return answer + END;
        }

        private static String valueOf(int key, int present) {
            return (present & 1 << key) == 0 ? "" : value("k" + key, "VALUE k1 0 1\r\n".repeat(key));
        }
    }

    // ---- what a request by itself costs

    @Test
    void aGetByItselfPassesAsItIs() throws Exception {
        JoinedConversation server = new JoinedConversation(WHOLE);
        server.ask("get a\r\n");
        server.sent();

        String error = server.answer(value("a", "1") + value("other", "2") + END);

        assertThat((@Nullable String) error).isNull();
        assertThat(server.replies()).containsExactly(value("a", "1") + value("other", "2") + END);
    }
}
