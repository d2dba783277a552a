package io.sluice.proxy.conversation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.dispatch.QueueOwners;
import io.sluice.proxy.dispatch.RequestDispatcher;
import io.sluice.proxy.dispatch.SoleOwners;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.RequestDecoder;
import io.sluice.proxy.protocol.SessionWords;
import io.sluice.proxy.transport.LoopClock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What the conversations of one pool's clients on one event loop share. Event-loop only. */
public final class Conversations {

    /** How often gaps are looked for: many times before the lease forgets them. */
    private static final Duration GAPS_PERIOD = Duration.ofSeconds(5);

    /** In a turn of its own. */
    private static final Duration SOON = Duration.ofMillis(1);

    private final RequestDispatcher dispatcher;
    private final Protocol protocol;
    private final SoleOwners owners;
    private final QueueOwners queues;
    private final ByteBufAllocator allocator;
    private final PoolCounters counters;
    private final LoopClock clock;
    private final BiConsumer<Runnable, Duration> timer;
    private final Channels channels;
    private final BlockedRequests blocked = new BlockedRequests(task -> later(task, SOON));
    private final Set<Watch> watches = new LinkedHashSet<>();
    private final KnownScripts scripts = new KnownScripts();
    private @Nullable CompletableFuture<Void>
            parking; // done once the waits for frozen keys are parked; null if none are
    private boolean lookingForGaps;

    /** @param timer runs a task on the event loop after a time */
    public Conversations(
            RequestDispatcher dispatcher,
            Protocol protocol,
            ByteBufAllocator allocator,
            PoolCounters counters,
            LoopClock clock,
            BiConsumer<Runnable, Duration> timer) {
        this.dispatcher = dispatcher;
        this.protocol = protocol;
        this.owners = new SoleOwners(dispatcher, protocol, counters);
        this.queues = new QueueOwners(dispatcher, owners);
        this.allocator = allocator;
        this.counters = counters;
        this.clock = clock;
        this.timer = timer;
        this.channels = new Channels(this);
    }

    public Conversation begin(Client client) {
        return new Conversation(this, client);
    }

    /** Those who wait for data, for whoever has to make them let go of a server. */
    public BlockedRequests blocked() {
        return blocked;
    }

    /**
     * Keys may have other owners now, or be about to have.
     *
     * @return done once no server lets a client wait for keys that are frozen now or with another server, and messages of
     *     channels that are frozen come from where these will be as well
     */
    public CompletableFuture<Void> onPoolChanged() {
        CompletableFuture<Void> parked = parkOrThaw();
        CompletableFuture<Void> left = new CompletableFuture<>();
        blocked.follow(() -> left.complete(null));
        watches.forEach(Watch::follow);
        scripts.retain(owners.all());
        lookForGaps();
        CompletableFuture<Void> subscribed = new CompletableFuture<>();
        channels.follow(() -> subscribed.complete(null));
        return CompletableFuture.allOf(parked, left, subscribed);
    }

    /** Whoever waits for an earlier version's waits to be parked waits for those of this one as well. */
    private CompletableFuture<Void> parkOrThaw() {
        CompletableFuture<Void> done = parking == null ? new CompletableFuture<>() : parking;
        if (owners.isAnythingFrozen()) {
            parking = done.isDone() ? new CompletableFuture<>() : done;
            CompletableFuture<Void> next = parking;
            blocked.park(owners::isFrozen, () -> next.complete(null));
            return next;
        }
        if (parking != null) {
            parking = null;
            blocked.thaw();
        }
        done.complete(null);
        return done;
    }

    private void lookForGaps() {
        if (!lookingForGaps && owners.handoffs() != null) {
            lookingForGaps = true;
            later(
                    () -> {
                        lookingForGaps = false;
                        owners.gaps();
                        lookForGaps();
                    },
                    GAPS_PERIOD);
        }
    }

    /** All that clients watch now. */
    Set<Watch> watches() {
        return watches;
    }

    Channels channels() {
        return channels;
    }

    /** Runs a task on the event loop after a time. */
    void later(Runnable task, Duration delay) {
        timer.accept(task, delay);
    }

    KnownScripts scripts() {
        return scripts;
    }

    RequestDispatcher dispatcher() {
        return dispatcher;
    }

    Protocol protocol() {
        return protocol;
    }

    SessionWords words() {
        return protocol.sessionWords();
    }

    SoleOwners owners() {
        return owners;
    }

    /** Finds where clients may wait for data. */
    QueueOwners queues() {
        return queues;
    }

    ByteBufAllocator allocator() {
        return allocator;
    }

    /** Read anew: what goes on after a pause may do so without bytes, which is when loops read the clock. */
    long now() {
        return clock.refresh();
    }

    void count(PoolMetric metric) {
        counters.count(metric);
    }

    /** Reads requests that were kept; each is borrowed for the call. Returns whether all of them could be read. */
    boolean readAgain(ByteBuf kept, BiConsumer<Command, Request> reader) {
        RequestDecoder decoder = protocol.newRequestDecoder();
        ByteBuf unread = kept.duplicate();
        try {
            while (unread.isReadable()) {
                Command command = decoder.decode(unread) ? decoder.request().command() : null;
                if (command == null) {
                    return false;
                }
                reader.accept(command, decoder.request());
                unread.skipBytes(decoder.consumed());
            }
            return true;
        } catch (ProtocolException e) {
            return false; // longer than requests may be, with what was put into it
        } finally {
            decoder.reset();
        }
    }
}
