package io.sluice.proxy.protocol.resp;

import static io.sluice.proxy.testing.RespFrames.bulk;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.Handling;
import io.sluice.proxy.protocol.SessionState;
import io.sluice.proxy.testing.RecordingSink;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RespLocalCommandsTest {

    private static final String ALL_BYTES = allBytes();
    private static final String WRONG_PASS = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

    private final SessionState session = new SessionState(7, false);

    private static String allBytes() {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < 256; i++) {
            bytes.append((char) i);
        }
        return bytes.toString();
    }

    @Test
    void pingAndEchoGiveBackEveryByte() {
        assertThat(open("PING")).isEqualTo("+PONG\r\n");
        assertThat(open("PING", "")).isEqualTo("$0\r\n\r\n");
        assertThat(open("PING", ALL_BYTES)).isEqualTo(bulk(ALL_BYTES));
        assertThat(open("ECHO", ALL_BYTES)).isEqualTo(bulk(ALL_BYTES));
        assertThat(open("ECHO", "\r\n+OK\r\n")).isEqualTo(bulk("\r\n+OK\r\n"));
    }

    @Test
    void onlyPingAndEchoTakeLargeArguments() {
        String large = "x".repeat((64 << 10) + 1);

        assertThat(open("ECHO", large)).isEqualTo(bulk(large));
        assertThat(open("SELECT", large)).startsWith("-ERR an argument is longer than 65536 bytes");
        assertThat(locked("AUTH", large)).startsWith("-ERR an argument is longer than 65536 bytes");
        assertThat(open("COMMAND", "INFO", large)).startsWith("-ERR an argument is longer than 65536 bytes");
    }

    @Test
    void pingTakesOneArgumentAtMost() {
        assertThat(open("PING", "a", "b")).isEqualTo("-ERR wrong number of arguments for 'ping' command\r\n");
    }

    @Test
    void quitClosesAfterItsReply() {
        assertThat(open("QUIT")).isEqualTo("+OK\r\n");

        assertThat(session.isClosing()).isTrue();
    }

    // ---- AUTH

    @Test
    void theRightPasswordAuthenticates() {
        assertThat(locked("AUTH", "secret")).isEqualTo("+OK\r\n");

        assertThat(session.isAuthenticated()).isTrue();
    }

    @Test
    void theDefaultUserMayBeNamed() {
        assertThat(locked("AUTH", "default", "secret")).isEqualTo("+OK\r\n");

        assertThat(session.isAuthenticated()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "secre", "secret ", "Secret", "secretsecret", "secret\0", "\0"})
    void anyOtherPasswordDoesNot(String password) {
        assertThat(locked("AUTH", password)).isEqualTo("-ERR invalid password\r\n");
        assertThat(locked("AUTH", "default", password)).isEqualTo(WRONG_PASS);
        assertThat(locked("AUTH", "other", "secret")).isEqualTo(WRONG_PASS);
        assertThat(locked("HELLO", "2", "AUTH", "default", password)).isEqualTo(WRONG_PASS);

        assertThat(session.isAuthenticated()).isFalse();
    }

    @Test
    void authWithTooManyArgumentsIsASyntaxError() {
        assertThat(locked("AUTH", "default", "secret", "x")).isEqualTo("-ERR syntax error\r\n");

        assertThat(session.isAuthenticated()).isFalse();
    }

    @Test
    void authWithoutAPasswordIsAnError() {
        assertThat(open("AUTH", "x")).isEqualTo("-ERR Client sent AUTH, but no password is set\r\n");
    }

    // ---- HELLO

    @Test
    void helloTellsWhoWeAre() {
        session.setAuthenticated(true);
        String expected = "*14\r\n" + bulk("server") + bulk("redis") + bulk("version") + bulk("7.0.15") + bulk("proto")
                + ":2\r\n" + bulk("id") + ":7\r\n" + bulk("mode") + bulk("standalone") + bulk("role") + bulk("master")
                + bulk("modules") + "*0\r\n";

        assertThat(locked("HELLO")).isEqualTo(expected);
        assertThat(locked("HELLO", "2")).isEqualTo(expected);
    }

    @Test
    void helloAuthenticatesAndNames() {
        assertThat(locked("HELLO", "2", "AUTH", "default", "secret", "setname", "me"))
                .startsWith("*14\r\n");

        assertThat(session.isAuthenticated()).isTrue();
        assertThat(session.clientName()).isEqualTo("me");
    }

    @Test
    void helloWithoutAuthenticationIsRefused() {
        assertThat(locked("HELLO", "2")).startsWith("-NOAUTH HELLO must be called with the client already");
        assertThat(locked("HELLO")).startsWith("-NOAUTH ");
        assertThat(locked("HELLO", "2", "SETNAME", "me")).startsWith("-NOAUTH ");

        assertThat(session.isAuthenticated()).isFalse();
        assertThat(session.clientName()).isEmpty();
    }

    @Test
    void helloSpeaksVersionTwoOnly() {
        assertThat(open("HELLO", "3")).isEqualTo("-NOPROTO unsupported protocol version\r\n");
        assertThat(open("HELLO", "1")).isEqualTo("-NOPROTO unsupported protocol version\r\n");
        assertThat(open("HELLO", "x")).isEqualTo("-ERR Protocol version is not an integer or out of range\r\n");
        assertThat(open("HELLO", "9".repeat(1000)))
                .isEqualTo("-ERR Protocol version is not an integer or out of range\r\n");
    }

    @Test
    void helloChangesNothingWhenAnyOfItIsWrong() {
        assertThat(locked("HELLO", "2", "AUTH", "default", "secret", "SETNAME", "a b"))
                .startsWith("-ERR Client names cannot contain spaces");
        assertThat(locked("HELLO", "2", "AUTH", "default", "secret", "SETNAME"))
                .isEqualTo("-ERR Syntax error in HELLO option 'SETNAME'\r\n");
        assertThat(locked("HELLO", "2", "AUTH", "default")).isEqualTo("-ERR Syntax error in HELLO option 'AUTH'\r\n");
        assertThat(locked("HELLO", "3", "AUTH", "default", "secret")).startsWith("-NOPROTO");

        assertThat(session.isAuthenticated()).isFalse();
        assertThat(session.clientName()).isEmpty();
    }

    // ---- SELECT, CLIENT, TIME

    @Test
    void onlyDatabaseZeroCanBeSelected() {
        assertThat(open("SELECT", "0")).isEqualTo("+OK\r\n");
        assertThat(open("SELECT", "1")).startsWith("-ERR SELECT 1 refused");
        assertThat(open("SELECT", "-1")).startsWith("-ERR SELECT -1 refused");
        assertThat(open("SELECT", "x")).isEqualTo("-ERR value is not an integer or out of range\r\n");
        assertThat(open("SELECT", "0\r\n")).isEqualTo("-ERR value is not an integer or out of range\r\n");
        assertThat(open("SELECT", "1".repeat(1000))).isEqualTo("-ERR value is not an integer or out of range\r\n");
    }

    @Test
    void aClientCanHaveAName() {
        assertThat(open("CLIENT", "GETNAME")).isEqualTo("$-1\r\n");
        assertThat(open("CLIENT", "SETNAME", "me")).isEqualTo("+OK\r\n");
        assertThat(open("CLIENT", "GETNAME")).isEqualTo("$2\r\nme\r\n");
        assertThat(open("CLIENT", "SETNAME", "")).isEqualTo("+OK\r\n");
        assertThat(open("CLIENT", "GETNAME")).isEqualTo("$-1\r\n");
        assertThat(open("CLIENT", "ID")).isEqualTo(":7\r\n");
    }

    @Test
    void aNameHasNoBlankAndNoControlByte() {
        for (int value = 0; value < 256; value++) {
            boolean allowed = value > ' ' && value < 127;

            assertThat(open("CLIENT", "SETNAME", "a" + (char) value))
                    .startsWith(allowed ? "+OK" : "-ERR Client names cannot contain");
        }
    }

    @Test
    void aNameIsBounded() {
        String longest = "x".repeat(RespLocalCommands.MAX_NAME_BYTES);

        assertThat(open("CLIENT", "SETNAME", longest)).isEqualTo("+OK\r\n");
        assertThat(open("CLIENT", "SETNAME", longest + "x")).startsWith("-ERR Client names cannot be longer");
        assertThat(open("HELLO", "2", "SETNAME", longest + "x")).startsWith("-ERR Client names cannot be longer");
        assertThat(session.clientName()).isEqualTo(longest);
    }

    @Test
    void librariesMayIntroduceThemselves() {
        assertThat(open("CLIENT", "SETINFO", "lib-name", "jedis")).isEqualTo("+OK\r\n");
        assertThat(open("CLIENT", "SETINFO", "LIB-VER", "5.0")).isEqualTo("+OK\r\n");
        assertThat(open("CLIENT", "SETINFO", "lib-name", "a b")).startsWith("-ERR lib-name cannot contain spaces");
        assertThat(open("CLIENT", "SETINFO", "a\r\nb", "x")).isEqualTo("-ERR Unrecognized option 'a??b'\r\n");
    }

    @Test
    void tellsTheTime() {
        assertThat(open("TIME")).isEqualTo("*2\r\n$10\r\n1700000000\r\n$6\r\n123456\r\n");
    }

    @Test
    void everyLocalCommandHasAnAnswerInOneFrame() {
        for (Command command : RedisCommands.TABLE.commands()) {
            if (command.handling() == Handling.LOCAL) {
                String[] words = (command.name().replace('|', ' ') + " a\r\nb".repeat(4)).split(" ");
                int count = Math.abs(command.arity());
                String[] request = new String[count];
                System.arraycopy(words, 0, request, 0, count);

                assertThat(open(request)).as(command.name()).matches("(?s)[-+:$*].*\r\n");
            }
        }
    }

    // ---- how it is asserted

    private String open(String... request) {
        session.setAuthenticated(true);
        return answer(null, request);
    }

    private String locked(String... request) {
        return answer("secret", request);
    }

    private String answer(@Nullable String password, String... arguments) {
        InstantSource clock = InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000, 123_456_789));
        RespProtocol protocol = new RespProtocol(new RespLimits(1 << 20, 1024, 4096), password, 0, clock);
        RecordingSink sink = new RecordingSink();

        protocol.answerLocally(Requests.of(arguments), session, sink);

        assertThat(sink.isDone()).isTrue();
        return sink.text();
    }
}
