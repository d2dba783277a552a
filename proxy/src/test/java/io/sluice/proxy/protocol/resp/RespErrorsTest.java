package io.sluice.proxy.protocol.resp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.command.KeyLocator;
import io.sluice.proxy.protocol.ErrorKind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RespErrorsTest {

    /** Redis cuts what it shows of a request at about as much. */
    private static final int LONGEST = 600;

    @ParameterizedTest
    @EnumSource(ErrorKind.class)
    void everyErrorIsOneLineWhateverItsDetail(ErrorKind kind) {
        String error = text(RespErrors.reply(kind, "a\r\nb\rc\nd"));

        assertThat(error).startsWith("-").endsWith("a  b c d\r\n");
        assertOneLine(error);
    }

    @Test
    void opensWithTheWordsClientsKnow() {
        assertThat(text(RespErrors.reply(ErrorKind.NOT_AUTHENTICATED, "")))
                .isEqualTo("-NOAUTH Authentication required.\r\n");
        assertThat(text(RespErrors.reply(ErrorKind.CROSS_SERVER, "x"))).startsWith("-CROSSSLOT ");
        assertThat(text(RespErrors.reply(ErrorKind.PROTOCOL, "invalid bulk length")))
                .isEqualTo("-ERR Protocol error: invalid bulk length\r\n");
        assertThat(text(RespErrors.reply(ErrorKind.TIMED_OUT, "x"))).isEqualTo("-ERR Connection timed out: x\r\n");
    }

    @Test
    void showsAnUnknownCommandAsRedisDoes() {
        assertThat(unknown("nosuch", "a", "b"))
                .isEqualTo("-ERR unknown command 'nosuch', with args beginning with: 'a' 'b' \r\n");
        assertThat(unknown("nosuch")).isEqualTo("-ERR unknown command 'nosuch', with args beginning with: \r\n");
        assertThat(unknown("")).isEqualTo("-ERR unknown command '', with args beginning with: \r\n");
    }

    @Test
    void noByteOfAClientEndsTheLine() {
        for (int value = 0; value < 256; value++) {
            String bytes = "x" + (char) value + "+OK";

            assertOneLine(unknown(bytes, bytes, bytes));
        }
        assertOneLine(unknown("a\r\n+OK\r\n", "b\r\n$5\r\nhello"));
    }

    @Test
    void aLongRequestMakesNoLongError() {
        String[] empty = new String[100_000];
        Arrays.fill(empty, "");
        empty[0] = "nosuch";

        assertThat(unknown("x".repeat(1 << 20))).hasSizeLessThan(LONGEST);
        assertThat(unknown("x", "y".repeat(1 << 20))).hasSizeLessThan(LONGEST);
        assertThat(unknown("x", "y".repeat(127), "z".repeat(1 << 20))).hasSizeLessThan(LONGEST);
        assertThat(unknown(empty)).hasSizeLessThan(LONGEST);
    }

    @Test
    void namesTheCommandWithTheWrongNumberOfArguments() {
        assertThat(text(RespErrors.badRequest(ErrorKind.WRONG_ARGUMENT_COUNT, Requests.of("GeT"))))
                .isEqualTo("-ERR wrong number of arguments for 'get' command\r\n");
        assertThat(text(RespErrors.badRequest(ErrorKind.WRONG_ARGUMENT_COUNT, Requests.of("client", "id", "x"))))
                .isEqualTo("-ERR wrong number of arguments for 'client|id' command\r\n");
    }

    @Test
    void saysWhyTheKeysCannotBeTold() {
        assertThat(withoutKeys(KeyLocator.NOT_AN_INTEGER))
                .isEqualTo("-ERR value is not an integer or out of range\r\n");
        assertThat(withoutKeys(KeyLocator.TOO_MANY_KEYS))
                .isEqualTo("-ERR Number of keys can't be greater than number of args\r\n");
        assertThat(withoutKeys(KeyLocator.NEGATIVE_COUNT)).isEqualTo("-ERR Number of keys can't be negative\r\n");
        assertThat(withoutKeys(KeyLocator.SYNTAX)).isEqualTo("-ERR syntax error\r\n");
        assertThat(withoutKeys(KeyLocator.UNBALANCED_STREAMS)).startsWith("-ERR Unbalanced list of streams");
        assertThat(withoutKeys(KeyLocator.WRONG_NUMBER_OF_ARGUMENTS))
                .isEqualTo("-ERR wrong number of arguments for 'eval' command\r\n");
        assertThat(withoutKeys(0)).startsWith("-ERR a request without a key");
    }

    private static String withoutKeys(int located) {
        return text(RespErrors.withoutKeys(Requests.of("EVAL", "x", "0"), located));
    }

    private static String unknown(String... request) {
        return text(RespErrors.badRequest(ErrorKind.UNKNOWN_COMMAND, Requests.of(request)));
    }

    private static void assertOneLine(String error) {
        assertThat(error).startsWith("-").endsWith("\r\n");
        assertThat(error.substring(0, error.length() - 2)).doesNotContain("\r").doesNotContain("\n");
    }

    private static String text(ByteBuf reply) {
        return reply.toString(StandardCharsets.ISO_8859_1);
    }
}
