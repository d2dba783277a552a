package io.sluice.proxy.protocol.memcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.transport.OutBytes;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GetJoinerTest {

    private final JoinedConversation server = new JoinedConversation(Integer.MAX_VALUE);

    @Test
    void getsBecomeOneLine() throws Exception {
        assertThat(server.ask("get a\r\n", "get bb\r\n", "get c\r\n")).isEqualTo(2);

        assertThat(server.sent()).isEqualTo("get a bb c\r\n");
    }

    @Test
    void getsAndGetsAreNotMixed() throws Exception {
        server.ask("get a\r\n", "gets b\r\n", "gets c\r\n", "get d\r\n");

        assertThat(server.sent()).isEqualTo("get a\r\ngets b c\r\nget d\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "set x 0 0 1\r\n1\r\n",
                "delete x\r\n",
                "gat 0 x\r\n",
                "gats 0 x\r\n",
                "touch x 0\r\n",
                "get x y\r\n",
                "get  x\r\n",
                "get x \r\n",
                "get x\n",
                "get x \n"
            })
    void anythingElseEndsTheLineAndStaysInItsPlace(String other) throws Exception {
        assertThat(server.ask("get a\r\n", "get b\r\n", other, "get c\r\n", "get d\r\n"))
                .isEqualTo(2);

        assertThat(server.sent()).isEqualTo("get a b\r\n" + other + "get c d\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"k", "12345678", "a-key-that-is-longer-than-eight-bytes"})
    void aKeyIsInALineOnce(String key) throws Exception {
        server.ask("get " + key + "\r\n", "get x" + key + "\r\n", "get " + key + "\r\n", "get x" + key + "\r\n");

        assertThat(server.sent()).isEqualTo("get " + key + " x" + key + "\r\nget " + key + " x" + key + "\r\n");
    }

    @Test
    void whatWasTakenIsNotAddedTo() throws Exception {
        server.ask("get a\r\n", "get b\r\n");
        assertThat(server.sent()).isEqualTo("get a b\r\n");

        assertThat(server.ask("get c\r\n", "get d\r\n")).isEqualTo(1);

        assertThat(server.sent()).isEqualTo("get c d\r\n");
    }

    @Test
    void keysInALineAreBounded() throws Exception {
        String[] gets = IntStream.range(0, JoinedKeys.MAX_KEYS + 2)
                .mapToObj(i -> "get k" + i + "\r\n")
                .toArray(String[]::new);

        assertThat(server.ask(gets)).isEqualTo(JoinedKeys.MAX_KEYS);

        List<String> lines = server.sent().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0).split(" ")).hasSize(1 + JoinedKeys.MAX_KEYS);
    }

    @Test
    void bytesInALineAreBounded() throws Exception {
        String[] gets = IntStream.range(100, 116)
                .mapToObj(i -> "gets " + i + "k".repeat(TextRequestDecoder.MAX_KEY_BYTES - 3) + "\r\n")
                .toArray(String[]::new);

        server.ask(gets);

        List<String> lines = server.sent().lines().toList();
        assertThat(lines).hasSize(3).allSatisfy(line -> assertThat(line).hasSizeLessThan(2048));
        assertThat(lines.get(0).split(" ")).hasSize(8);
    }

    /** A line of which one half was taken, and the other not, would be neither sent nor not sent. */
    @Test
    void aLineLiesInOneChunk() throws Exception {
        for (int i = 0; i < 20_000; i++) {
            server.ask("get key-number-" + i + "\r\n");
        }

        List<String> chunks = OutBytes.takeChunks(server.out());

        assertThat(chunks)
                .hasSizeGreaterThan(3)
                .allSatisfy(
                        chunk -> assertThat(chunk).startsWith("get key-number-").endsWith("\r\n"));
        assertThat(server.out().taken()).isEqualTo(server.out().appended());
    }

    @Test
    void afterALossNothingOfItIsAddedTo() throws Exception {
        server.ask("get a\r\n", "get b\r\n");
        server.lose();

        assertThat(server.ask("get c\r\n", "get d\r\n")).isEqualTo(1);

        assertThat(server.sent()).isEqualTo("get c d\r\n");
        assertThat(server.answer("VALUE d 0 1\r\n4\r\nEND\r\n")).isNull();
        assertThat(server.replies()).containsExactly("END\r\n", "VALUE d 0 1\r\n4\r\nEND\r\n");
    }

    @Test
    void aServerThatSpeaksFirstDoesNotAddToWhatItHasAnswered() throws Exception {
        server.ask("get a\r\n", "get b\r\n");
        assertThat(server.answer("VALUE a 0 1\r\n1\r\nEND\r\n")).isNull();

        assertThat(server.ask("get c\r\n")).isZero();

        assertThat(server.sent()).isEqualTo("get a b\r\nget c\r\n");
        assertThat(server.replies()).containsExactly("VALUE a 0 1\r\n1\r\nEND\r\n", "END\r\n");
    }

    @Test
    void aServerThatBringsValuesInAnotherOrderIsAskedOneByOne() throws Exception {
        server.ask("get a\r\n", "get b\r\n");
        server.sent();
        assertThat(server.answer("VALUE b 0 1\r\n2\r\nVALUE a 0 1\r\n1\r\nEND\r\n"))
                .startsWith("values not in the order of their keys");
        server.lose();

        assertThat(server.ask("get c\r\n", "get d\r\n")).isZero();

        assertThat(server.sent()).isEqualTo("get c\r\nget d\r\n");
        assertThat(server.answer("END\r\nEND\r\n")).isNull();
    }

    @Test
    void aLineAtTheEndOfAChunkIsLeftAlone() throws Exception {
        server.ask("set x 0 0 65400\r\n" + "v".repeat(65_400) + "\r\n");

        server.ask("get " + "a".repeat(60) + "\r\n", "get b\r\n", "get " + "c".repeat(100) + "\r\n");

        List<String> chunks = OutBytes.takeChunks(server.out());
        assertThat(chunks).hasSize(2);
        assertThat(chunks.get(0)).hasSizeLessThanOrEqualTo(64 << 10).endsWith("aaa b\r\n");
        assertThat(chunks.get(1)).isEqualTo("get " + "c".repeat(100) + "\r\n");
    }
}
