package io.sluice.proxy.protocol.memcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.Handling;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.SessionState;
import io.sluice.proxy.testing.RecordingSink;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MemcacheTextProtocolTest {

    private final MemcacheTextProtocol protocol = new MemcacheTextProtocol(new TextLimits(1 << 20, 100));

    @Test
    void servesTwemproxysCommandsAndTwoMore() {
        assertThat(named(Handling.FORWARD))
                .containsExactlyInAnyOrder(
                        "get", "gets", "gat", "gats", "set", "add", "replace", "append", "prepend", "cas", "delete",
                        "incr", "decr", "touch");
        assertThat(named(Handling.LOCAL)).containsExactlyInAnyOrder("version", "quit");
        assertThat(named(Handling.REFUSED)).contains("stats", "flush_all", "verbosity", "mg", "ms");
    }

    private static List<String> named(Handling handling) {
        return MemcacheCommands.TABLE.commands().stream()
                .filter(command -> command.handling() == handling)
                .map(Command::name)
                .toList();
    }

    @Test
    void versionIsTheOneServed() throws Exception {
        SessionState session = new SessionState(1, true);

        assertThat(local("version\r\n", session)).isEqualTo("VERSION 1.5.16\r\n");
        assertThat(session.isClosing()).isFalse();
    }

    @Test
    void quitClosesWithoutAReply() throws Exception {
        SessionState session = new SessionState(1, true);

        assertThat(local("quit\r\n", session)).isEmpty();
        assertThat(session.isClosing()).isTrue();
    }

    private String local(String line, SessionState session) throws Exception {
        TextRequestDecoder decoder = new TextRequestDecoder(new TextLimits(1 << 20, 100));
        assertThat(decoder.decode(Unpooled.copiedBuffer(line, StandardCharsets.ISO_8859_1)))
                .isTrue();
        RecordingSink sink = new RecordingSink();
        protocol.answerLocally(decoder.request(), session, sink);
        assertThat(sink.isDone()).isTrue();
        return sink.text();
    }

    @ParameterizedTest
    @EnumSource(ErrorKind.class)
    void everyErrorIsOneLineWithAWordOfTheProtocol(ErrorKind kind) {
        String error = protocol.error(kind, "what\r\nwas").toString(StandardCharsets.UTF_8);

        assertThat(error).matches("(ERROR|(CLIENT|SERVER)_ERROR [^\r\n]+)\r\n");
    }

    @Test
    void linesOfTheWrongLengthAreErrorsAsInMemcached() {
        Request request = new Request();

        assertThat(protocol.badRequest(ErrorKind.WRONG_ARGUMENT_COUNT, request).toString(StandardCharsets.UTF_8))
                .isEqualTo("ERROR\r\n");
        assertThat(protocol.withoutKeys(request, 0).toString(StandardCharsets.UTF_8))
                .isEqualTo("ERROR\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "ERROR, true, false",
        "CLIENT_ERROR x, true, false",
        "SERVER_ERROR out of memory storing object, true, false",
        "ERROR Too many open connections, true, true",
        "END, false, false",
        "EXISTS, false, false",
        "STORED, false, false",
        "5, false, false",
        "VALUE ERROR 0 1, false, false"
    })
    void errorsOfServersAreKnown(String line, boolean isError, boolean isTrouble) {
        ByteBuf reply = Unpooled.copiedBuffer("?" + line + "\r\n", StandardCharsets.ISO_8859_1);

        assertThat(protocol.isError(reply, 1)).isEqualTo(isError);
        assertThat(protocol.saysServerInTrouble(reply, 1, line.length() + 2)).isEqualTo(isTrouble);
    }
}
