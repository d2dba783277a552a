package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.memcache.MemcacheTextProtocol;
import io.sluice.proxy.protocol.memcache.TextLimits;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code docs/errors.md} lists every error that the proxy makes, and how it begins. */
class ErrorListTest {

    private static final String DETAIL = "what was found";

    private final Protocol redis =
            new RespProtocol(new RespLimits(1 << 20, 1_000, 1 << 16), null, 0, InstantSource.system());
    private final Protocol memcache = new MemcacheTextProtocol(new TextLimits(1 << 20, 1_000));

    @ParameterizedTest
    @EnumSource(ErrorKind.class)
    void everyKindIsListedWithTheWordsItBeginsWith(ErrorKind kind) throws IOException {
        String name = kind.name().toLowerCase(Locale.ROOT);
        Matcher row = Pattern.compile("(?m)^\\| `" + name + "` \\| `([^`]+)` \\| `([^`]+)` \\| \\S.*\\|$")
                .matcher(Files.readString(Path.of("../docs/errors.md")));

        assertThat(row.find()).as("docs/errors.md has a row for " + name).isTrue();
        assertThat("-" + row.group(1)).isEqualTo(beginning(redis, kind));
        assertThat(row.group(2)).isEqualTo(beginning(memcache, kind));
    }

    private static String beginning(Protocol protocol, ErrorKind kind) {
        ByteBuf error = protocol.error(kind, DETAIL);
        String text = error.toString(StandardCharsets.UTF_8).stripTrailing();
        return text.endsWith(DETAIL) ? text.substring(0, text.length() - DETAIL.length()) : text;
    }
}
