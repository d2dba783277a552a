package io.sluice.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.testing.Seed;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderTest {

    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static byte[] text(String line) {
        return line.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] binary(String hex) {
        return HexFormat.of().parseHex(SIGNATURE + hex);
    }

    private static @Nullable ProxyHeader read(byte[] bytes) throws ProxyHeader.MalformedException {
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        ProxyHeader header = ProxyHeader.read(in);
        assertThat(in.readerIndex()).isZero();
        assertThat(in.refCnt()).isEqualTo(1);
        return header;
    }

    /** Whole, with bytes behind it, and at every cut. */
    private static void assertRead(byte[] header, @Nullable InetSocketAddress client) throws Exception {
        for (int cut = 0; cut < header.length; cut++) {
            assertThat(read(Arrays.copyOf(header, cut))).as("cut at %d", cut).isNull();
        }
        ProxyHeader expected = new ProxyHeader(header.length, client);
        assertThat(read(header)).isEqualTo(expected);
        byte[] longer = Arrays.copyOf(header, header.length + 7);
        assertThat(read(longer)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "PROXY TCP4 192.0.2.7 192.0.2.9 1000 6379, 192.0.2.7, 1000",
        "PROXY TCP6 2001:db8::7 2001:db8::9 65535 6379, 2001:db8::7, 65535",
    })
    void aLineOfVersionOneNamesTheClient(String line, String address, int port) throws Exception {
        assertRead(text(line + "\r\n"), new InetSocketAddress(address, port));
    }

    @Test
    void versionTwoNamesTheClientToo() throws Exception {
        assertRead(binary("2111000cc0000207c000020903e818eb"), new InetSocketAddress("192.0.2.7", 1000));
        assertRead(
                binary("21210024" + "20010db8000000000000000000000007" + "20010db8000000000000000000000009"
                        + "03e818eb"),
                new InetSocketAddress("2001:db8::7", 1000));
    }

    /** Load balancers add of their own: here, 4 bytes of a type that nobody knows. */
    @Test
    void whatFollowsTheAddressesIsSkipped() throws Exception {
        assertRead(
                binary("21110013c0000207c000020903e818eb" + "ea000401020304"),
                new InetSocketAddress("192.0.2.7", 1000));
    }

    @Test
    void somePeersSpeakForThemselves() throws Exception {
        assertRead(text("PROXY UNKNOWN\r\n"), null);
        assertRead(text("PROXY UNKNOWN 2001:db8::7 2001:db8::9 1 2\r\n"), null);
        assertRead(binary("20000000"), null);
        assertRead(binary("2011000cc0000207c000020903e818eb"), null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X",
                "PING\r\n",
                "PROXYTCP4",
                "PROXY TCP4\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.9 1000\r\n",
                "PROXY TCP4 192.0.2.777 192.0.2.9 1000 6379\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.9 1000 65536\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.9 1000 6379\n",
                "PROXY TCP6 192.0.2.7 192.0.2.9 1000 6379\r\n",
                "PROXY UDP4 192.0.2.7 192.0.2.9 1000 6379\r\n"
            })
    void otherLinesAreMalformed(String line) {
        assertThatThrownBy(() -> read(text(line))).isInstanceOf(ProxyHeader.MalformedException.class);
    }

    @Test
    void aLineWithoutAnEndIsMalformedAtItsLimit() throws Exception {
        String line = "PROXY UNKNOWN " + "x".repeat(200);

        assertThat(read(text(line.substring(0, 106)))).isNull();
        assertThatThrownBy(() -> read(text(line.substring(0, 107)))).isInstanceOf(ProxyHeader.MalformedException.class);
    }

    @Test
    void aHeaderOfVersionTwoThatAnnouncesTooMuchIsMalformedAtOnce() {
        assertThatThrownBy(() -> read(binary("2111ffff"))).isInstanceOf(ProxyHeader.MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"3111000cc0000207c000020903e818eb", "2f11000cc0000207c000020903e818eb", "21110004c0000207"})
    void otherHeadersOfVersionTwoAreMalformed(String hex) {
        assertThatThrownBy(() -> read(binary(hex))).isInstanceOf(ProxyHeader.MalformedException.class);
    }

    @Test
    void randomBytesAreMalformedOrNotEnough() {
        Seed seed = Seed.next("PROXY headers");
        SplittableRandom random = seed.random();
        byte[] good = binary("2111000cc0000207c000020903e818eb");
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = good.clone();
            for (int i = 0; i <= random.nextInt(3); i++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                ProxyHeader header = read(bytes);
                assertThat(header == null || header.length() <= bytes.length)
                        .as("%s", seed)
                        .isTrue();
            } catch (ProxyHeader.MalformedException expected) {
                assertThat(expected).hasMessageNotContaining("null");
            }
        }
    }
}
