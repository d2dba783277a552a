package io.sluice.proxy.protocol.resp;

import static io.sluice.proxy.command.CommandRow.admin;
import static io.sluice.proxy.command.CommandRow.container;
import static io.sluice.proxy.command.CommandRow.control;
import static io.sluice.proxy.command.CommandRow.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.command.CommandTable;
import io.sluice.proxy.command.KeyLocator;
import io.sluice.proxy.command.TextArguments;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CommandReplyTest {
    private static final CommandReply REPLY = new CommandReply(CommandTable.of(List.of(
            read("get", 2, KeyLocator.key(1), "fast"),
            read("zunion", -3, KeyLocator.counted(1), ""),
            container("object"),
            read("object|freq", 3, KeyLocator.key(2), ""),
            control("object|help", 2, "").refused("it is only for this test"),
            control("ping", -1, "").local(),
            control("command", -1, "").local(),
            control("command|count", 2, "").local(),
            container("config"),
            admin("config|get", -3, "").refused("it is only for this test"))));

    private static final String GET = lines("*10 $3 get :2 *2 +fast +readonly :1 :1 :1 *2 +@read +@fast *0 *0 *0");
    private static final String FREQ = lines("*10 $11 object|freq :3 *1 +readonly :2 :2 :1 *2 +@read +@slow *0 *0 *0");
    private static final String OBJECT = lines("*10 $6 object :-2 *0 :0 :0 :0 *1 +@slow *0 *0 *1") + FREQ;

    @Test
    void countsAndListsWhatIsServed() {
        assertThat(reply("COMMAND", "COUNT")).isEqualTo(":5\r\n");
        assertThat(reply("COMMAND", "list"))
                .isEqualTo(lines("*7 $3 get $6 zunion $6 object $11 object|freq $4 ping $7 command $13 command|count"));
    }

    @Test
    void describesInTenElements() {
        assertThat(reply("COMMAND", "INFO", "GET")).isEqualTo(lines("*1") + GET);
        assertThat(reply("COMMAND", "INFO", "object|freq")).isEqualTo(lines("*1") + FREQ);
        assertThat(reply("COMMAND", "INFO", "object")).isEqualTo(lines("*1") + OBJECT);
    }

    @Test
    void saysNothingOfWhatIsNotServed() {
        assertThat(reply("COMMAND", "INFO", "config", "nosuch", "get", "object|help"))
                .isEqualTo(lines("*4 *-1 *-1") + GET + lines("*-1"));
    }

    @Test
    void describesAllWithoutANameAndWithoutASubcommand() {
        assertThat(reply("COMMAND")).startsWith(lines("*5") + GET).contains(OBJECT);
        assertThat(reply("command", "info")).isEqualTo(reply("COMMAND"));
    }

    @Test
    void boundsTheNamesOfOneRequest() {
        assertThat(reply(infoOf(CommandReply.MAX_NAMES))).startsWith("*" + CommandReply.MAX_NAMES + "\r\n*10");
        assertThat(reply(infoOf(CommandReply.MAX_NAMES + 1))).startsWith("-ERR COMMAND INFO is served for at most");
    }

    @Test
    void tellsTheKeysOfARequest() {
        assertThat(reply("COMMAND", "GETKEYS", "GET", "k\u00ff")).isEqualTo(lines("*1 $2 k\u00ff"));
        assertThat(reply("COMMAND", "GETKEYS", "zunion", "2", "a", "b")).isEqualTo(lines("*2 $1 a $1 b"));
        assertThat(reply("COMMAND", "GETKEYS", "object", "freq", "k")).isEqualTo(lines("*1 $1 k"));
    }

    @Test
    void refusesKeysThatCannotBeTold() {
        assertThat(reply("COMMAND", "GETKEYS", "nosuch", "k")).isEqualTo("-ERR Invalid command specified\r\n");
        assertThat(reply("COMMAND", "GETKEYS", "ping", "k")).isEqualTo("-ERR The command has no key arguments\r\n");
        assertThat(reply("COMMAND", "GETKEYS", "get", "a", "b"))
                .isEqualTo("-ERR Invalid number of arguments specified for command\r\n");
        assertThat(reply("COMMAND", "GETKEYS", "zunion", "9", "b"))
                .isEqualTo("-ERR Invalid arguments specified for command\r\n");
        assertThat(reply("COMMAND", "GETKEYS")).startsWith("-ERR wrong number of arguments");
    }

    @Test
    void refusesWhatItDoesNotKnowInOneLine() {
        assertThat(reply("COMMAND", "a\r\nb")).isEqualTo("-ERR unknown subcommand 'a  b'. Try COMMAND LIST.\r\n");
        assertThat(reply("COMMAND", "x".repeat(5000))).hasSizeLessThan(200);
        assertThat(reply("COMMAND", "COUNT", "x"))
                .isEqualTo("-ERR wrong number of arguments for 'command|count' command\r\n");
    }

    private static String[] infoOf(int names) {
        return Stream.concat(Stream.of("COMMAND", "INFO"), Collections.nCopies(names, "get").stream())
                .toArray(String[]::new);
    }

    private static String reply(String... request) {
        return new String(REPLY.to(TextArguments.of(request)), StandardCharsets.ISO_8859_1);
    }

    /** RESP with a space where a line ends. */
    private static String lines(String words) {
        return words.replace(" ", "\r\n") + "\r\n";
    }
}
