package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.routing.cluster.TwoRings;
import io.sluice.routing.topology.Server;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where requests pass while lists that are used as queues are on their way to other servers. Of each queue everything that
 * came before is taken before anything that came after. Of one version of one pool on one event loop. Event-loop only.
 *
 * <pre>
 *              LPUSH, RPUSH     LPOP, RPOP, LMPOP            LLEN, DEL, EXISTS
 *   SEALED     old              old                          old
 *   TURNING    new              old                          both
 *   DRAINING   new              old; if it has none, new     both
 * </pre>
 *
 * Nothing else is served: what is no list would stay at old, where nobody could find it afterwards. In TURNING another proxy
 * may still add to old; in DRAINING none does, so what is empty there stays so.
 */
public final class QueuePassage implements RingPassage {

    private static final int USUAL_ARGUMENTS = 64;
    private static final int KEPT_ARGUMENTS = 4096;

    private final TwoRings rings;
    private final List<String> servers; // their names, by number
    private final boolean sealed;
    private final boolean draining;
    private final DrainedQueues drained;
    private final QueuePops pops;
    private final Protocol protocol;
    private final PoolCounters counters;
    private int[] keys = new int[USUAL_ARGUMENTS];

    QueuePassage(TwoRings rings, DrainedQueues drained, QueuePops pops, Protocol protocol, PoolCounters counters) {
        this.rings = rings;
        this.servers = rings.servers().stream().map(Server::name).toList();
        this.sealed = rings.change().state() == RingChangeState.SEALED;
        this.draining = rings.change().state() == RingChangeState.DRAINING;
        this.drained = drained;
        this.pops = pops;
        this.protocol = protocol;
        this.counters = counters;
    }

    @Override
    public @Nullable Room dispatch(
            RequestDispatcher dispatcher,
            PoolSnapshot pool,
            Command command,
            Request request,
            long client,
            ReplySink sink) {
        QueueWay way = way(command, request);
        if (way == null) {
            return dispatcher.send(pool, command, request, client, sink);
        }
        QueuePop busy = pops.of(client);
        if (busy != null) {
            return busy;
        }
        if (!isServed(command, request, way)) {
            refuse(command, way, whyNot(command), sink);
            return null;
        }
        return switch (command.queueUse()) {
            case PUT -> dispatcher.forward(pool, command, request, sealed ? way.from() : way.to(), client, sink);
            case TAKE -> take(dispatcher, pool, command, request, way, client, sink);
            case LENGTH -> sendToBoth(dispatcher, pool, command, request, way, MergeRule.SUM, client, sink);
            case WHOLE -> sendToBoth(dispatcher, pool, command, request, way, MergeRule.ANY, client, sink);
            case NONE -> throw new IllegalStateException("It was refused");
        };
    }

    private @Nullable Room sendToBoth(
            RequestDispatcher dispatcher,
            PoolSnapshot pool,
            Command command,
            Request request,
            QueueWay way,
            MergeRule rule,
            long client,
            ReplySink sink) {
        int only = sealed ? way.from() : Math.min(way.from(), way.to());
        return sealed || only < 0 // one of the rings is empty
                ? dispatcher.forward(pool, command, request, only, client, sink)
                : dispatcher.sendToBoth(pool, command, request, new int[] {way.from(), way.to()}, rule, client, sink);
    }

    /** Several keys are something only for whoever takes from the first queue that has anything. */
    private static boolean isServed(Command command, Request request, QueueWay way) {
        return switch (command.queueUse()) {
            case NONE -> false;
            case PUT, LENGTH -> true;
            case TAKE -> way.together();
            case WHOLE -> request.count() == 2;
        };
    }

    private @Nullable Room take(
            RequestDispatcher dispatcher,
            PoolSnapshot pool,
            Command command,
            Request request,
            QueueWay way,
            long client,
            ReplySink sink) {
        if (!draining) {
            return dispatcher.forward(pool, command, request, way.from(), client, sink);
        }
        if (isDrained(command, request)) {
            return dispatcher.forward(pool, command, request, way.to(), client, sink);
        }
        if (!sink.keep(request.length())) {
            dispatcher.fail(sink, ErrorKind.OVERLOADED, "too much is held for this client (limits.client_held_bytes)");
            return null;
        }
        return new QueuePop(this, pops, protocol, dispatcher, request, client, sink)
                .begin(pool, command, request, way.from());
    }

    /** The second half of a pop that was begun under this passage, under the version of now. */
    @Nullable Room sendOn(RequestDispatcher dispatcher, Command command, Request request, long client, ReplySink sink) {
        PoolSnapshot now = dispatcher.snapshot();
        QueueWay way = way(command, request);
        return way != null && now.passage() instanceof QueuePassage same && same.goesOn(this)
                ? dispatcher.forward(now, command, request, way.to(), client, sink)
                : dispatcher.dispatch(command, request, client, sink);
    }

    /** Whether this is the same way in the same state as another version's. */
    private boolean goesOn(QueuePassage before) {
        RingChange now = rings.change();
        RingChange then = before.rings.change();
        return draining && before.draining && now.id().equals(then.id()) && now.back() == then.back();
    }

    // ---- for those who wait as well

    boolean isDraining() {
        return draining;
    }

    /** Another object once the way is another one, or in another state. */
    Object version() {
        return rings;
    }

    /** The way of a request's keys; null if none of them moves, or if it has none that could be anywhere. */
    @Nullable QueueWay way(Command command, Request request) {
        int count = locate(command, request);
        boolean moves = false;
        boolean together = true;
        int from = Owners.NOBODY;
        int to = Owners.NOBODY;
        for (int i = 0; i < count; i++) {
            if (request.length(keys[i]) > RequestDispatcher.MAX_KEY_BYTES) {
                return null; // it will be refused
            }
            byte[] key = key(request, keys[i]);
            int before = rings.before(key, 0, key.length);
            int after = rings.after(key, 0, key.length);
            together &= i == 0 || (before == from && after == to);
            if (!moves) { // tells of one that does
                from = before;
                to = after;
            }
            moves |= before != after;
        }
        return moves ? new QueueWay(from, to, together) : null;
    }

    private int locate(Command command, Request request) {
        if (keys.length < request.count() || keys.length > KEPT_ARGUMENTS) {
            keys = new int[Math.max(request.count(), USUAL_ARGUMENTS)];
        }
        if (command.keys().isSingle()) {
            keys[0] = command.keys().singleIndex();
            return 1;
        }
        return command.keys().locate(request, keys);
    }

    private static byte[] key(Request request, int argument) {
        byte[] key = new byte[request.length(argument)];
        request.copy(argument, key);
        return key;
    }

    /** Whether the server that the request's queues leave is known to have nothing of them. */
    boolean isDrained(Command command, Request request) {
        int count = locate(command, request);
        for (int i = 0; i < count; i++) {
            if (!drained.has(key(request, keys[i]))) {
                return false;
            }
        }
        return true;
    }

    /** The server that the request's queues leave has nothing of them, and never will. */
    void onNothing(Command command, Request request) {
        counters.count(PoolMetric.QUEUES_FOUND_EMPTY);
        int count = locate(command, request);
        for (int i = 0; i < count; i++) {
            drained.add(key(request, keys[i]));
        }
    }

    /** What to say of a request that cannot be carried out by itself. */
    static String whyNot(Command command) {
        return switch (command.queueUse()) {
            case NONE -> "cannot be carried out at two servers";
            case WHOLE -> "can name only one key";
            case PUT, TAKE, LENGTH -> "must find all its keys on the same way";
        };
    }

    /** The error says for how long it is so. */
    void refuse(Command command, QueueWay way, String why, ReplySink sink) {
        counters.error(ErrorKind.DRAINING);
        ByteBuf error = protocol.error(
                ErrorKind.DRAINING,
                "'" + command.name() + "' " + why + ", until this change is done: change="
                        + rings.change().id() + " from=" + name(way.from()) + " to=" + name(way.to()));
        sink.onReply(error, 0, error.readableBytes(), true);
    }

    private String name(int server) {
        return server < 0 ? "none" : servers.get(server);
    }
}
