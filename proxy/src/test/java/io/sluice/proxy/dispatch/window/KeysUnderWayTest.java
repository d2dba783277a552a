package io.sluice.proxy.dispatch.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KeysUnderWayTest {

    private static final byte[] KEY = "key".getBytes(StandardCharsets.US_ASCII);

    private final KeysUnderWay keys = new KeysUnderWay();

    @Test
    void aKeyThatOneRequestNamesTwiceIsUnderWayUntilBothAreOver() {
        keys.begin(1, KEY);
        keys.begin(1, KEY);

        keys.end(1, KEY);
        assertThat(keys.room(1, KEY)).isNotNull();
        assertThat(keys.room(2, KEY)).isNull();

        keys.end(1, KEY);
        assertThat(keys.room(1, KEY)).isNull();
    }
}
