package io.sluice.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StreamConnectionTest {

    private final Socket socket = new Socket();
    private final EmbeddedChannel channel = new EmbeddedChannel(false, false, socket);
    private final TurnQueue turns = new TurnQueue(task -> channel.eventLoop().execute(task));
    private final LoopResources resources =
            new LoopResources(new LoopClock(() -> 0), turns, PooledByteBufAllocator.DEFAULT);
    private final OutBuffer out = new OutBuffer(PooledByteBufAllocator.DEFAULT);
    private final Lines handler = new Lines();
    private final ChannelWire wire = new ChannelWire(channel, resources, out, handler);
    private final StreamConnection connection = wire.connection();

    @BeforeEach
    void open() throws Exception {
        channel.pipeline().addLast(wire);
        channel.register();
    }

    @AfterEach
    void leavesNothing() {
        socket.completeAll();
        channel.close();
        channel.runPendingTasks();
        out.clear();
        resources.readBuffers().release();
    }

    // ---- in

    @Test
    void opensOnceBeforeAnyData() {
        assertThat(handler.events).containsExactly("open");
    }

    @Test
    void deliversWholeMessages() {
        receive("one\ntwo\n");

        assertThat(handler.lines).containsExactly("one", "two");
    }

    @Test
    void keepsWhatIsNotConsumedUntilTheRestHasCome() {
        receive("one\ntw");
        receive("");
        receive("o");
        receive("\nthree\n");

        assertThat(handler.lines).containsExactly("one", "two", "three");
    }

    @Test
    void readsTheRestOfAMessageBehindItsBeginning() {
        receive("one\ntw");

        ByteBuf target = connection.readTarget();
        target.writeBytes("o\nthr".getBytes(StandardCharsets.ISO_8859_1));
        channel.writeInbound(target);
        receive("ee\n");

        assertThat(handler.lines).containsExactly("one", "two", "three");
    }

    @Test
    void everyCutGivesTheSameMessages() {
        String text = "one\n\ntwo two\nthree\n";
        for (int cut = 0; cut <= text.length(); cut++) {
            handler.lines.clear();

            receive(text.substring(0, cut));
            receive(text.substring(cut));

            assertThat(handler.lines).containsExactly("one", "", "two two", "three");
        }
    }

    @Test
    void readsIntoTheSharedBufferWhenNothingIsKept() {
        receive("one\n");

        ByteBuf first = connection.readTarget();
        first.release();
        ByteBuf second = connection.readTarget();
        second.release();

        assertThat(second).isSameAs(first);
    }

    @Test
    void roomGrowsWithWhatArrivedAndNotWithWhatIsAnnounced() {
        handler.wanted = 1 << 30;

        receive("half a lin");
        ByteBuf target = connection.readTarget();

        assertThat(target.capacity()).isLessThanOrEqualTo(2 * ReadBuffers.SHARED_BYTES);
        target.release();
    }

    @Test
    void aLargeMessageIsGatheredInLargerAndLargerBuffers() {
        String part = "x".repeat(50_000);
        for (int i = 0; i < 40; i++) {
            receive(part);
        }
        receive("\n");

        assertThat(handler.lines).containsExactly(part.repeat(40));
    }

    @Test
    void whatIsKeptIsReleasedOnClose() {
        receive("half a lin");

        channel.close();
        channel.runPendingTasks();

        assertThat(handler.events).containsExactly("open", "closed");
    }

    @Test
    void nothingIsDeliveredTwiceWhenTheHandlerClosesMeanwhile() {
        handler.closeAt = "bye";

        receive("bye\nmore\nhalf");
        channel.runPendingTasks();

        assertThat(handler.lines).containsExactly("bye");
        assertThat(handler.events).containsExactly("open", "closed");
    }

    // ---- pausing

    @Test
    void resumingOffersWhatIsKeptAtTheEndOfTheTurn() {
        handler.pauseAfter = 1;
        receive("one\ntwo\nthree\n");
        assertThat(handler.lines).containsExactly("one");
        assertThat(channel.config().isAutoRead()).isFalse();

        handler.pauseAfter = Integer.MAX_VALUE;
        connection.setReading(true);
        assertThat(handler.lines).containsExactly("one");
        channel.runPendingTasks();

        assertThat(handler.lines).containsExactly("one", "two", "three");
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void pausingAgainBeforeTheEndOfTheTurnOffersNothing() {
        handler.pauseAfter = 1;
        receive("one\ntwo\n");

        connection.setReading(true);
        connection.setReading(false);
        channel.runPendingTasks();

        assertThat(handler.lines).containsExactly("one");
    }

    @Test
    void whatIsKeptComesBeforeTheEndOfTheInput() {
        handler.pauseAfter = 1;
        receive("one\ntwo\n");

        handler.pauseAfter = Integer.MAX_VALUE;
        connection.setReading(true);
        endInput(); // in the same turn
        channel.runPendingTasks();

        assertThat(handler.events).containsExactly("open", "input closed after [one, two]");
    }

    @Test
    void tellsOfTheEndOfTheInput() {
        receive("one\n");

        endInput();

        assertThat(handler.events).containsExactly("open", "input closed after [one]");
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void aBugInTheHandlerEndsItsConnectionOnly() {
        List<String> others = new ArrayList<>();
        handler.pauseAfter = 1;
        receive("one\nbug\n");
        handler.pauseAfter = Integer.MAX_VALUE;

        connection.setReading(true);
        turns.add(() -> others.add("this turn"));
        channel.runPendingTasks();
        turns.add(() -> others.add("next turn"));
        channel.runPendingTasks();

        assertThat(others).containsExactly("this turn", "next turn");
        assertThat(channel.isOpen()).isFalse();
        assertThat(handler.events).containsExactly("open", "closed");
    }

    @Test
    void aBugWhileReadingEndsItsConnection() {
        receive("one\nbug\n");
        channel.runPendingTasks();

        assertThat(channel.isOpen()).isFalse();
        assertThat(handler.events).containsExactly("open", "closed");
    }

    // ---- out

    @Test
    void sendsOnceAtTheEndOfTheTurn() {
        out.append("one ");
        connection.flushThisTurn();
        out.append("two ");
        connection.flushThisTurn();
        assertThat(socket.sent).isEmpty();

        channel.runPendingTasks();

        assertThat(socket.sent).containsExactly("one two ");
    }

    @Test
    void oneWriteIsInFlightAndTheRestWaits() {
        socket.isSlow = true;
        send("one ");
        send("two ");
        send("three ");
        assertThat(socket.sent).containsExactly("one ");
        assertThat(connection.unsentBytes()).isEqualTo("one two three ".length());

        socket.completeAll();
        channel.runPendingTasks();

        assertThat(socket.sent).containsExactly("one ", "two three ");
        assertThat(connection.unsentBytes()).isEqualTo("two three ".length());
        socket.completeAll();
        assertThat(connection.unsentBytes()).isZero();
        assertThat(handler.sent).isEqualTo(2);
    }

    @Test
    void chunksLeaveTogether() {
        out.append("a".repeat(OutBuffer.CHUNK_BYTES));
        out.append("b".repeat(OutBuffer.CHUNK_BYTES));
        send("c");

        assertThat(String.join("", socket.sent))
                .isEqualTo("a".repeat(OutBuffer.CHUNK_BYTES) + "b".repeat(OutBuffer.CHUNK_BYTES) + "c");
        assertThat(handler.sent).isEqualTo(1);
        assertThat(connection.unsentBytes()).isZero();
    }

    @Test
    void sendsAheadOfTheOutBuffer() {
        out.append("request");
        connection.sendAhead(Unpooled.wrappedBuffer("handshake ".getBytes(StandardCharsets.ISO_8859_1)));
        connection.flushThisTurn();
        channel.runPendingTasks();

        assertThat(socket.sent).containsExactly("handshake ", "request");
    }

    @Test
    void aFailedWriteCloses() {
        socket.isSlow = true;
        send("one");

        socket.failAll();
        channel.runPendingTasks();

        assertThat(channel.isOpen()).isFalse();
        assertThat(handler.events).containsExactly("open", "closed");
    }

    // ---- end

    @Test
    void closesAfterEverythingHasBeenSent() {
        socket.isSlow = true;
        send("one ");
        out.append("two ");

        connection.closeAfterFlush();
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isTrue();
        socket.completeAll();
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isTrue();
        socket.completeAll();
        channel.runPendingTasks();

        assertThat(socket.sent).containsExactly("one ", "two ");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void closesAtTheEndOfTheTurnWhenNothingWaits() {
        connection.closeAfterFlush();
        assertThat(channel.isOpen()).isTrue();

        channel.runPendingTasks();

        assertThat(channel.isOpen()).isFalse();
        assertThat(handler.events).containsExactly("open", "closed");
    }

    @Test
    void nothingIsReadOnceItIsToClose() {
        socket.isSlow = true;
        send("one ");

        connection.closeAfterFlush();

        assertThat(channel.config().isAutoRead()).isFalse();
    }

    @Test
    void aPeerThatTakesNothingIsClosedInTheEnd() {
        socket.isSlow = true;
        send("one ");
        channel.freezeTime();

        connection.closeAfterFlush();
        channel.runPendingTasks();
        channel.advanceTimeBy(4, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isOpen()).isTrue();
        channel.advanceTimeBy(2, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();

        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aClosedConnectionTakesNothingFromItsOutBuffer() {
        connection.close();
        send("for the next connection");

        assertThat(socket.sent).isEmpty();
        assertThat(OutBytes.takeAll(out)).isEqualTo("for the next connection");
    }

    @Test
    void dataAfterTheEndIsNotDelivered() {
        ChannelHandlerContext context = channel.pipeline().context(wire);
        ByteBuf late = Unpooled.buffer().writeBytes("late\n".getBytes(StandardCharsets.ISO_8859_1));
        connection.close();

        wire.channelRead(context, late);

        assertThat(handler.lines).isEmpty();
        assertThat(late.refCnt()).isZero();
    }

    @Test
    void isClosedOnce() {
        connection.close();
        connection.close();
        channel.runPendingTasks();

        assertThat(handler.events).containsExactly("open", "closed");
    }

    // ---- fakes

    private void receive(String text) {
        ByteBuf in = resources.readBuffers().borrow();
        in.writeCharSequence(text, StandardCharsets.ISO_8859_1);
        channel.writeInbound(in);
    }

    private void send(String text) {
        out.append(text);
        connection.flushThisTurn();
        channel.runPendingTasks();
    }

    private void endInput() {
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }

    /** Where written bytes end; a slow one takes them when told to. */
    private static final class Socket extends ChannelOutboundHandlerAdapter {
        private final List<String> sent = new ArrayList<>();
        private final ArrayDeque<ChannelPromise> writes = new ArrayDeque<>();
        private boolean isSlow;

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            ByteBuf bytes = (ByteBuf) message;
            sent.add(bytes.toString(StandardCharsets.ISO_8859_1));
            bytes.release();
            if (isSlow) {
                writes.add(promise);
            } else {
                promise.trySuccess();
            }
        }

        void completeAll() {
            ChannelPromise write;
            while ((write = writes.poll()) != null) {
                write.trySuccess();
            }
        }

        void failAll() {
            ChannelPromise write;
            while ((write = writes.poll()) != null) {
                write.tryFailure(new IOException("reset"));
            }
        }
    }

    /** Takes messages that end with a newline. */
    private static final class Lines implements ConnectionHandler {
        private final List<String> lines = new ArrayList<>();
        private final List<String> events = new ArrayList<>();
        private @Nullable Connection connection;
        private int pauseAfter = Integer.MAX_VALUE;
        private String closeAt = "never";
        private int wanted;
        private int sent;

        @Override
        public void onOpen(Connection opened) {
            connection = opened;
            events.add("open");
        }

        @Override
        public int onData(ByteBuf in) {
            int length;
            while (lines.size() < pauseAfter && (length = in.bytesBefore((byte) '\n')) >= 0) {
                take(in.readCharSequence(length, StandardCharsets.ISO_8859_1).toString());
                in.skipBytes(1);
            }
            return wanted;
        }

        private void take(String line) {
            if (line.equals("bug")) {
                throw new Bug();
            }
            lines.add(line);
            if (lines.size() == pauseAfter) {
                Objects.requireNonNull(connection).setReading(false);
            }
            if (line.equals(closeAt)) {
                pauseAfter = lines.size();
                Objects.requireNonNull(connection).close();
            }
        }

        @Override
        public void onInputClosed() {
            events.add("input closed after " + lines);
        }

        @Override
        public void onSent() {
            sent++;
        }

        @Override
        public void onClosed() {
            events.add("closed");
        }
    }

    /** Without a stack, which would be taken for a failure by those who read the log of the build. */
    private static final class Bug extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Bug() {
            super("a bug, made for this test", null, false, false);
        }
    }
}
