package io.sluice.bench.proxies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SluiceVariantTest {

    @Test
    void readsEverySetting() {
        SluiceVariant variant =
                SluiceVariant.parse("before=epoll,workers=2,jar=/tmp/old.jar,java=/opt/jdk,opt=-Xmn16m,opt=-Da=b");

        assertThat(variant)
                .isEqualTo(new SluiceVariant(
                        "before",
                        "epoll",
                        2,
                        Optional.of(Path.of("/tmp/old.jar")),
                        Optional.of(Path.of("/opt/jdk")),
                        List.of("-Xmn16m", "-Da=b")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sluice            | expected NAME=TRANSPORT",
                "a b=epoll         | expected NAME=TRANSPORT",
                "a=uring           | expected one of",
                "a=epoll,workers=0 | expected a number from 1, got '0'",
                "a=epoll,heap=1    | expected workers=, jar=, java= or opt="
            })
    void saysWhatIsWrong(String text, String message) {
        assertThatThrownBy(() -> SluiceVariant.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
