package io.sluice.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sluice.proxy.transport.Connection;
import io.sluice.proxy.transport.ConnectionHandler;
import io.sluice.proxy.transport.OutBuffer;
import org.junit.jupiter.api.Test;

class ClientDepartureTest {

    private final FakeConnection connection =
            new FakeConnection(new OutBuffer(UnpooledByteBufAllocator.DEFAULT), new Nobody());
    private final Running process = new Running();
    private final ClientDeparture departure = new ClientDeparture(process, connection);

    @Test
    void aClientGoesWithAsMuchOfARequestAsMayBe() {
        connection.unreadBytes(ClientDeparture.MOST_UNREAD_BYTES);
        assertThat(departure.begin(() -> {})).isTrue();
        assertThat(departure.isReady()).isTrue();

        departure.depart(7, "state");

        assertThat(departure.hasGone()).isTrue();
        assertThat(departure.isReady()).isFalse();
        assertThat(process.taken).isEqualTo(1);
    }

    @Test
    void aClientOfWhichMoreHasComeStaysAndIsNotWaitedFor() {
        connection.unreadBytes(ClientDeparture.MOST_UNREAD_BYTES + 1);
        departure.begin(() -> {});

        departure.depart(7, "state");

        assertThat(departure.hasGone()).isFalse();
        assertThat(process.taken).isZero();
        assertThat(process.expected).isZero();
    }

    @Test
    void aClientThatIsGivenUpTwiceIsForgottenOnce() {
        departure.begin(() -> {});
        assertThat(process.expected).isEqualTo(1);

        departure.giveUp();
        departure.giveUp();

        assertThat(process.expected).isZero();
        assertThat(departure.isReady()).isFalse();
    }

    private static final class Running implements Departure {
        private int expected;
        private int taken;

        @Override
        public void expect() {
            expected++;
        }

        @Override
        public void forget() {
            expected--;
        }

        @Override
        public boolean depart(long client, String carried, int descriptor, byte[] unread) {
            taken++;
            expected--;
            return true;
        }
    }

    private static final class Nobody implements ConnectionHandler {
        @Override
        public void onOpen(Connection opened) {}

        @Override
        public int onData(ByteBuf in) {
            return 0;
        }

        @Override
        public void onInputClosed() {}

        @Override
        public void onSent() {}

        @Override
        public void onClosed() {}
    }
}
