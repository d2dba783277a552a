package io.sluice.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.health.Prober;
import io.sluice.proxy.protocol.Handshake;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.ReplyDecoder;
import io.sluice.proxy.transport.Connection;
import io.sluice.proxy.transport.ConnectionHandler;
import io.sluice.proxy.transport.Loop;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.routing.topology.Server;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks servers whether they serve: over a connection of its own, made the same way as those for requests, with the same
 * handshake. All probes of a pool run on one event loop. Thread-safe.
 */
public final class BackendProber implements Prober {

    private static final int MOST_REPLY_BYTES = 64 << 10;

    private final Loop loop;
    private final Protocol protocol;
    private final BackendSettings settings;
    private final ConnectPacer pacer;
    private final boolean troubleCounts;
    private final RandomGenerator random = new SplittableRandom();

    /**
     * @param troubleCounts whether a server that says it is in trouble is held not to serve; else only one that says it
     *     serves nothing. Redis answers PING with MISCONF while it serves reads.
     */
    public BackendProber(
            Loop loop, Protocol protocol, BackendSettings settings, ConnectPacer pacer, boolean troubleCounts) {
        this.loop = loop;
        this.protocol = protocol;
        this.settings = settings;
        this.pacer = pacer;
        this.troubleCounts = troubleCounts;
    }

    @Override
    public void probe(Server server, Consumer<@Nullable String> done) {
        loop.execute(() -> new Probe(done).startWhenAllowed(server));
    }

    /** One probe. Event-loop only. */
    private final class Probe implements ConnectionHandler {

        private final Consumer<@Nullable String> done;
        private final OutBuffer out = new OutBuffer(loop.resources().allocator());
        private final ReplyDecoder decoder = protocol.newReplyDecoder();
        private @Nullable Connection connection;
        private int repliesOwed;
        private boolean ended;

        private Probe(Consumer<@Nullable String> done) {
            this.done = done;
        }

        private void startWhenAllowed(Server server) {
            long wait = pacer.waitNanos(random);
            if (wait == 0) {
                start(server);
            } else {
                loop.schedule(() -> start(server), Duration.ofNanos(wait));
            }
        }

        private void start(Server server) {
            loop.connect(server.address(), settings.connectOptions(), out, this, this::onConnectFailed);
            loop.schedule(
                    () -> end("no answer in " + settings.connectTimeout().toMillis() + "ms"),
                    settings.connectTimeout());
        }

        private void onConnectFailed(Throwable cause) {
            end("cannot connect: " + cause.getMessage());
        }

        @Override
        public void onOpen(Connection opened) {
            connection = opened;
            if (ended) {
                opened.close();
                return;
            }
            Handshake handshake = protocol.handshake();
            repliesOwed = handshake.replies() + 1;
            opened.sendAhead(Unpooled.wrappedBuffer(handshake.bytes(), protocol.probe()));
        }

        @Override
        public int onData(ByteBuf in) {
            try {
                while (!ended && in.isReadable() && decoder.decode(in)) {
                    onReply(in, in.readerIndex(), decoder.scanned());
                    in.skipBytes(decoder.scanned());
                    decoder.next();
                }
            } catch (ProtocolException e) {
                end("protocol error: " + e.getMessage());
            }
            if (in.readableBytes() > MOST_REPLY_BYTES) {
                end("an answer of more than " + MOST_REPLY_BYTES + " bytes");
            }
            if (ended) {
                in.skipBytes(in.readableBytes());
            }
            return 0;
        }

        /** To the probe itself an error will do, such as NOAUTH, unless it tells of trouble: somebody is there. */
        private void onReply(ByteBuf in, int start, int length) {
            boolean isLast = --repliesOwed == 0;
            if (protocol.isError(in, start) && (!isLast || isInTrouble(in, start, length))) {
                end("it answers: "
                        + in.toString(start, length, StandardCharsets.ISO_8859_1)
                                .strip());
            } else if (isLast) {
                end(null);
            }
        }

        private boolean isInTrouble(ByteBuf in, int start, int length) {
            return troubleCounts
                    ? protocol.saysServerInTrouble(in, start, length)
                    : protocol.saysServerServesNothing(in, start, length);
        }

        @Override
        public void onInputClosed() {
            end("closed by the server");
        }

        @Override
        public void onSent() {}

        @Override
        public void onClosed() {
            end("closed by the server");
        }

        private void end(@Nullable String problem) {
            if (!ended) {
                ended = true;
                if (connection != null) {
                    connection.close();
                }
                out.clear();
                done.accept(problem);
            }
        }
    }
}
