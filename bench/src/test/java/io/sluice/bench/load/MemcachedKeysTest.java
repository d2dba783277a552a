package io.sluice.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MemcachedKeysTest {

    private final MemcachedKeys keys = new MemcachedKeys(Workload.P1);

    @Test
    void asksForKeysAsMemcachedWantsIt() {
        ByteBuffer out = ByteBuffer.allocate(keys.getBytes(2));

        keys.writeGet(out, new int[] {7, 42});

        assertThat(new String(out.array(), StandardCharsets.US_ASCII)).isEqualTo("get key:00000007 key:00000042\r\n");
        assertThat(out.hasRemaining()).isFalse();
    }

    @Test
    void takesTheValuesOfAReplyInAnyOrder() {
        byte[] reply = ascii(block(42, 42) + block(7, 7) + "END\r\n");

        assertThat(reply).hasSize(keys.replyBytes(2));
        assertThat(keys.isReply(reply, 0, reply.length, new int[] {7, 42})).isTrue();
    }

    @Test
    void waitsForTheEndOfAReply() {
        byte[] reply = ascii(block(7, 7) + "END\r\n");

        for (int limit = 0; limit < reply.length; limit++) {
            assertThat(keys.isReply(reply, 0, limit, new int[] {7})).isFalse();
        }
    }

    @Test
    void refusesMissesErrorsAndOtherKeys() {
        assertRefused("END\r\n");
        assertRefused("SERVER_ERROR no\r\n");
        assertRefused(block(8, 8) + "END\r\n");
        assertRefused(block(7, 8) + "END\r\n");
    }

    private void assertRefused(String reply) {
        byte[] bytes = ascii(reply);
        assertThatThrownBy(() -> keys.isReply(bytes, 0, bytes.length, new int[] {7}))
                .isInstanceOf(MemcachedKeys.UnexpectedReply.class);
    }

    private String block(int key, int valueOfKey) {
        return "VALUE key:%08d 0 100\r\n%s\r\n".formatted(key, keys.value(valueOfKey));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
