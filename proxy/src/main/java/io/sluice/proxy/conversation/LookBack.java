package io.sluice.proxy.conversation;

import io.sluice.proxy.budget.Room;
import io.sluice.proxy.dispatch.SoleOwners.Place;
import io.sluice.proxy.protocol.ReplySink;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the server that the queues of a request leave whether it has something, before the request waits at the other: what
 * came before the queues were on their way comes first. Once for each state of the way. Event-loop only.
 */
final class LookBack {

    private final Conversations shared;
    private final Client client;
    private final KeptRequest request;
    private boolean isUnderWay;
    private @Nullable Object version; // of the way for which it was asked

    LookBack(Conversations shared, Client client, KeptRequest request) {
        this.shared = shared;
        this.client = client;
        this.request = request;
    }

    /** Whom to ask now; null if that is nobody. */
    @Nullable Place due() {
        Object now = shared.queues().version();
        return now == null || now.equals(version) ? null : request.former();
    }

    /** Whether an answer is on its way. */
    boolean isUnderWay() {
        return isUnderWay;
    }

    boolean hasBegun() {
        return version != null;
    }

    /**
     * Asks. Either the sink or whoever awaits nothing is told in the end.
     *
     * @param isWanted whether anybody wants to know, after a wait for room at that server
     * @param something gets what there is, of which the last piece is to be followed by {@link #end}
     * @param nothing there is nothing, or the queues are on another way by now, or nobody wants to know
     */
    void begin(Place former, BooleanSupplier isWanted, ReplySink something, Runnable nothing) {
        version = shared.queues().version();
        isUnderWay = true;
        ask(former, isWanted, something, nothing);
    }

    private void ask(Place former, BooleanSupplier isWanted, ReplySink something, Runnable nothing) {
        QueueProbe probe = new QueueProbe(shared.words(), something, () -> onNothing(nothing));
        Room full = shared.owners()
                .send(
                        former.server(),
                        client.id(),
                        out -> request.appendTo(out, probe),
                        Ignored.REPLY,
                        QueueProbe.OTHERS,
                        probe);
        if (full != null) {
            full.await(() -> {
                if (isWanted.getAsBoolean() && isSameWay()) {
                    ask(former, isWanted, something, nothing);
                } else {
                    end();
                    nothing.run();
                }
            });
        }
    }

    private void onNothing(Runnable nothing) {
        if (isSameWay()) {
            request.onNothing();
        }
        end();
        nothing.run();
    }

    private boolean isSameWay() {
        return Objects.equals(shared.queues().version(), version);
    }

    /** The answer is there. */
    void end() {
        isUnderWay = false;
    }
}
