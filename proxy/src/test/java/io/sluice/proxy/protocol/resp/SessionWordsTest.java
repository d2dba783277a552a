package io.sluice.proxy.protocol.resp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sluice.proxy.protocol.Announcement;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.Topic;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.proxy.transport.OutBytes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Redis and its clients say where something outlasts a request. */
class SessionWordsTest {

    private static final String RETURN_1 = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"; // of "return 1"

    // ---- transactions

    @ParameterizedTest
    @CsvSource({
        "'*1\r\n*-1\r\n', 4",
        "'*1\r\n$-1\r\n', 4",
        "'*1\r\n-ERR no\r\n', 4",
        "'-EXECABORT no\r\n', 0",
        "'*10\r\n', 0"
    })
    void theReplyToTheOnlyRequestOfATransactionIsFound(String reply, int begin) {
        ByteBuf bytes = Unpooled.copiedBuffer("xy" + reply, StandardCharsets.US_ASCII);

        assertThat(new RespSessionWords(new ScriptCache(1, 1)).onlyReply(bytes, 2))
                .isEqualTo(2 + begin);
    }

    // ---- times to wait

    @ParameterizedTest
    @CsvSource({
        "BLPOP a b 2.5, 2500",
        "BLPOP a 0, 0",
        "brpop a 0.0001, 1",
        "BLMOVE a b LEFT RIGHT 1e1, 10000",
        "BLMPOP 3 1 a LEFT, 3000",
        "BZPOPMIN z 7, 7000",
        "XREAD BLOCK 250 STREAMS s $, 250",
        "XREAD COUNT 2 BLOCK 0 STREAMS s $, 0",
        "XREADGROUP GROUP block count NOACK BLOCK 9 STREAMS s >, 9",
        "XREAD COUNT 2 STREAMS s $, -1",
        "XREAD STREAMS block 1, -1",
        "BLPOP a x, 0",
        "BLPOP a -1, 0",
        "BLPOP a 1e400, 0"
    })
    void theTimeToWaitIsFoundWhereverItStands(String request, long millis) {
        assertThat(WaitTime.millis(Requests.of(request.split(" ", -1)))).isEqualTo(millis);
    }

    @ParameterizedTest
    @CsvSource({
        "BLPOP a b 2.5, BLPOP a b 0.4",
        "BLMPOP 3 1 a LEFT, BLMPOP 0.4 1 a LEFT",
        "XREAD COUNT 2 BLOCK 700 STREAMS s 1-1, XREAD COUNT 2 BLOCK 400 STREAMS s 1-1"
    })
    void aRequestIsAppendedWithTheTimeThatIsLeft(String request, String with400Millis) {
        OutBuffer out = new OutBuffer(UnpooledByteBufAllocator.DEFAULT);

        WaitTime.append(Requests.of(request.split(" ", -1)), 400, out);

        assertThat(OutBytes.takeAll(out)).isEqualTo(RespFrames.request(with400Millis.split(" ", -1)));
    }

    // ---- scripts

    @Test
    void aScriptIsFoundByItsDigestInAnyCase() {
        ScriptCache scripts = new ScriptCache(10, 1000);
        scripts.remember(Requests.of("EVAL", "return 1", "0"), 1);

        assertThat(scripts.text(Requests.of("EVALSHA", RETURN_1, "0"), 1)).isEqualTo(bytes("return 1"));
        assertThat(scripts.text(Requests.of("EVALSHA", RETURN_1.toUpperCase(Locale.ROOT), "0"), 1))
                .isEqualTo(bytes("return 1"));
        assertThat(scripts.text(Requests.of("EVALSHA", RETURN_1 + "0", "0"), 1)).isNull();
        Request request = Requests.of("evalsha_ro", RETURN_1, "1", "key", "argument");
        assertThat(ScriptCache.asEval(request, bytes("return 1")).toString(StandardCharsets.ISO_8859_1))
                .isEqualTo(RespFrames.request("EVAL_RO", "return 1", "1", "key", "argument"));
    }

    @Test
    void theOldestScriptsGoWhenThereAreTooMany() {
        ScriptCache scripts = new ScriptCache(3, 1000);
        for (String text : List.of("return 1", "return 2", "return 3")) {
            scripts.remember(Requests.of("EVAL", text, "0"), 1);
        }
        assertThat(scripts.text(Requests.of("EVALSHA", RETURN_1, "0"), 1)).isNotNull();

        scripts.remember(Requests.of("EVAL", "return 4", "0"), 1);

        assertThat(scripts.size()).isEqualTo(3);
        assertThat(scripts.text(Requests.of("EVALSHA", RETURN_1, "0"), 1)).isNull();
    }

    @Test
    void scriptsAreBoundedByTheirBytesToo() {
        ScriptCache scripts = new ScriptCache(100, 16);
        scripts.remember(Requests.of("EVAL", "return 1", "0"), 1);
        scripts.remember(Requests.of("EVAL", "return 2", "0"), 1);
        assertThat(scripts.size()).isEqualTo(2);

        scripts.remember(Requests.of("EVAL", "return 3", "0"), 1);
        assertThat(scripts.size()).isEqualTo(2);
        scripts.forgetAll();

        assertThat(scripts.size()).isZero();
        scripts.remember(Requests.of("EVAL", "x".repeat(ScriptCache.LONGEST_SCRIPT_BYTES + 1), "0"), 1);
        assertThat(scripts.size()).isZero();
    }

    // ---- messages

    @Test
    void announcementsAreRecognized() {
        assertThat(announced("*3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$1\r\nx\r\n"))
                .isEqualTo(new Announcement(Announcement.Kind.MESSAGE, new Topic(Topic.Kind.CHANNEL, "ch")));
        assertThat(announced("*4\r\n$8\r\npmessage\r\n$2\r\nc*\r\n$2\r\nch\r\n$1\r\nx\r\n"))
                .isEqualTo(new Announcement(Announcement.Kind.MESSAGE, new Topic(Topic.Kind.PATTERN, "c*")));
        assertThat(announced("*3\r\n$10\r\nssubscribe\r\n$0\r\n\r\n:1\r\n"))
                .isEqualTo(new Announcement(Announcement.Kind.SUBSCRIBED, new Topic(Topic.Kind.SHARD_CHANNEL, "")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-ERR no\r\n",
                "*3\r\n",
                "*3\r\n$7\r\nmessage\r\n",
                "*3\r\n$7\r\nmessage\r\n$99\r\nch\r\n$1\r\nx\r\n",
                "*3\r\n$99999999999999\r\nmessage\r\n",
                "*3\r\n$-1\r\n$2\r\nch\r\n:1\r\n",
                "*3\r\n$6\r\nforged\r\n$2\r\nch\r\n:1\r\n",
                ":1\r\n"
            })
    void whatIsNoAnnouncementIsNotTakenForOne(String said) {
        ByteBuf source = Unpooled.wrappedBuffer(bytes(said));

        assertThat(new RespPubSubWords().announcement(source, 0, said.length())).isNull();
    }

    private static Announcement announced(String said) {
        @Nullable Announcement announcement =
                new RespPubSubWords().announcement(Unpooled.wrappedBuffer(bytes(said)), 0, said.length());
        return Objects.requireNonNull(announcement);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
