package io.sluice.proxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sluice.proxy.protocol.memcache.MemcacheTextProtocol;
import io.sluice.proxy.protocol.memcache.TextLimits;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.proxy.transport.OutBytes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a write is sent to a spare pool. */
class ExpiringWritesTest {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);

    private final Protocol redis =
            new RespProtocol(new RespLimits(1 << 20, 1_000, 1 << 16), null, 0, InstantSource.system());
    private final Protocol memcache =
            new MemcacheTextProtocol(new TextLimits(1 << 20, 1_000), InstantSource.fixed(NOW));

    @ParameterizedTest
    @CsvSource({
        "SET k v,               SET k v PX 10000",
        "set k v NX,            SET k v NX PX 10000",
        "SET k v xx get,        SET k v XX GET PX 10000",
        "SET k v EX 3,          SET k v PX 3000",
        "SET k v ex 3600,       SET k v PX 10000",
        "SET k v PX 20 NX,      SET k v NX PX 20",
        "SETEX k 3 v,           PSETEX k 3000 v",
        "SETEX k 86400 v,       PSETEX k 10000 v",
        "PSETEX k 15 v,         PSETEX k 15 v",
        "PSETEX k 10001 v,      PSETEX k 10000 v"
    })
    void redisWritesCarryTheShorterTime(String request, String expected) throws ProtocolException {
        String sent = sent(redis, RespFrames.request(request.split(" "))).orElseThrow();

        assertThat(sent).isEqualTo(RespFrames.request(expected.split(" ")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"SET k v EX 0", "SET k v EX x", "SET k v PX 1 EX 2", "SET k v EX", "SETEX k -1 v", "PSETEX k 0 v"
            })
    void whatRedisRefusesGoesThereAsItIs(String request) throws ProtocolException {
        String frame = RespFrames.request(request.split(" "));

        assertThat(sent(redis, frame)).contains(frame);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET k v KEEPTTL",
                "SET k v EXAT 1900000000",
                "SET k v IFEQ x",
                "INCR k",
                "DEL k",
                "EXPIRE k 100",
                "APPEND k v",
                "MSET k v",
                "SETNX k v"
            })
    void otherWritesAreNotTaken(String request) throws ProtocolException {
        assertThat(sent(redis, RespFrames.request(request.split(" ")))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "set k 7 0 2,               set k 7 10 2",
        "add k 0 3600 2 noreply,    add k 0 10 2",
        "replace k 0 3 2,           replace k 0 3 2",
        "set k 0 -1 2,              set k 0 -1 2",
        "set k 0 1700000005 2,      set k 0 1700000005 2", // five seconds from now
        "set k 0 1700090000 2,      set k 0 10 2",
        "set k 0 3 2 noreply,       set k 0 3 2"
    })
    void memcachedWritesCarryTheShorterTime(String line, String expected) throws ProtocolException {
        String sent = sent(memcache, line + "\r\nab\r\n").orElseThrow();

        assertThat(sent).isEqualTo(expected + "\r\nab\r\n");
    }

    @Test
    void otherWritesOfMemcachedAreNotTaken() throws ProtocolException {
        assertThat(sent(memcache, "append k 0 0 2\r\nab\r\n")).isEmpty();
        assertThat(sent(memcache, "cas k 0 0 2 7\r\nab\r\n")).isEmpty();
        assertThat(sent(memcache, "incr k 1\r\n")).isEmpty();
        assertThat(sent(memcache, "delete k\r\n")).isEmpty();
        assertThat(sent(memcache, "touch k 100\r\n")).isEmpty();
    }

    private static Optional<String> sent(Protocol protocol, String input) throws ProtocolException {
        ByteBuf in = Unpooled.wrappedBuffer(input.getBytes(StandardCharsets.ISO_8859_1));
        RequestDecoder decoder = protocol.newRequestDecoder();
        assertThat(decoder.decode(in)).isTrue();
        OutBuffer out = new OutBuffer(UnpooledByteBufAllocator.DEFAULT);
        boolean taken = protocol.appendExpiring(decoder.request(), TEN_SECONDS, out);
        String sent = OutBytes.takeAll(out);
        assertThat(taken || sent.isEmpty()).isTrue();
        return taken ? Optional.of(sent) : Optional.empty();
    }
}
