package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class LongTextTest {

    private final LongText text = new LongText(7, RedisLink.ascii("k\r\n1"), 6);

    @Test
    void itsBytesAreOneCommand() {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (Frame frame : List.of(
                text.begin(), text.piece(RedisLink.ascii("one")), text.piece(RedisLink.ascii("two")), text.end())) {
            assertThat(frame.database()).isEqualTo(7);
            wire.writeBytes(frame.parts().get(0));
        }

        assertThat(CommandKeys.text(wire.toByteArray()))
                .isEqualTo("*3\r\n$3\r\nSET\r\n$4\r\nk\r\n1\r\n$6\r\nonetwo\r\n");
    }

    @Test
    void onlyItsEndHasAReplyAndCountsAsAKey() {
        assertThat(text.begin().kind()).isEqualTo(Frame.Kind.BYTES);
        assertThat(text.begin().keyCount()).isZero();
        assertThat(text.piece(RedisLink.ascii("x")).kind()).isEqualTo(Frame.Kind.BYTES);

        Frame end = text.end();

        assertThat(end.kind()).isEqualTo(Frame.Kind.LAST_BYTES);
        assertThat(end.keyCount()).isEqualTo(1);
        assertThat(end.parts().get(end.keys().get(0))).isEqualTo(RedisLink.ascii("k\r\n1"));
    }
}
