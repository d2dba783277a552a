package io.sluice.proxy.dispatch.window;

import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.backend.BackendConnection;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.command.Access;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.CacheUse;
import io.sluice.proxy.protocol.CacheWords;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves keys of a cache whose owner is about to be another one: each such request visits one or both of two servers, one
 * after the other. Of one pool on one event loop, for all of its versions. Event-loop only.
 *
 * <pre>
 *   client ─ set k ─▶ visit ─ delete k ─▶ other
 *                       │ ◀─ DELETED ────┘
 *                       └─── set k ─────▶ home
 *   client ◀─ STORED ── ◀─── STORED ─────┘
 * </pre>
 */
public final class CacheWindow {

    /** How often a visit begins anew because of others that change the same key, before its client gets an error. */
    static final int MOST_ATTEMPTS = 8;

    /** Bytes of values that are on their way home after their clients have had them; what is more stays where it is. */
    static final int MOST_BYTES_ON_THE_WAY = 4 << 20;

    /** Roughly what a visit takes besides its request and what it gathers. */
    static final int VISIT_BYTES = 256;

    private final PoolCounters counters;
    private Protocol protocol;
    private CacheWords words;
    private int maxGatheredBytes;
    private final KeysUnderWay keys = new KeysUnderWay();
    private final Set<Visit> open = new LinkedHashSet<>(); // in the order in which they began
    private final Set<String> plain = new HashSet<>(); // servers that know no claims
    private long begun;
    private int bytesOnTheWay;

    /**
     * @param words the protocol's
     * @param maxGatheredBytes of replies that one visit may gather
     */
    public CacheWindow(Protocol protocol, CacheWords words, PoolCounters counters, int maxGatheredBytes) {
        this.counters = counters;
        this.protocol = protocol;
        this.words = words;
        this.maxGatheredBytes = maxGatheredBytes;
    }

    /** Visits that begin from now on speak so, and are bounded so. */
    public void use(Protocol nextProtocol, CacheWords nextWords, int nextMaxGatheredBytes) {
        protocol = nextProtocol;
        words = nextWords;
        maxGatheredBytes = nextMaxGatheredBytes;
    }

    /** Another change, or state of it, begins: servers may be others of the same name, or know claims by now. */
    public void forgetPlainServers() {
        plain.clear();
    }

    /** Whether nothing has begun that is not over. */
    public boolean isIdle() {
        return open.isEmpty();
    }

    /** Tells whether all visits that have begun until now are over. */
    public BooleanSupplier settled() {
        long last = begun;
        return () -> open.isEmpty() || open.iterator().next().number() > last;
    }

    /** Null if no key of a client's request is one that it is changing; else what the request waits for. */
    public @Nullable Room busy(Command command, Request request, long client) {
        if (open.isEmpty()) {
            return null;
        }
        int[] arguments = new int[request.count()];
        int count = command.keys().locate(request, arguments);
        for (int i = 0; i < count; i++) {
            Room ofKey = keys.room(client, key(request, arguments[i]));
            if (ofKey != null) {
                return ofKey;
            }
        }
        return null;
    }

    private static byte[] key(Request request, int argument) {
        byte[] key = new byte[request.length(argument)];
        request.copy(argument, key);
        return key;
    }

    /** Null if a request that is not {@link #busy} may begin now with a key; else what it waits for. */
    public @Nullable Room mustWait(Ends ends, long client) {
        BackendConnection home = ends.home().connection(client);
        if (home.mustWait()) {
            return home.budget();
        }
        Backend other = ends.other();
        return other != null && other.connection(client).mustWait()
                ? other.connection(client).budget()
                : null;
    }

    /**
     * Begins one key's part of a request, which need {@linkplain #mustWait wait} for nothing.
     *
     * @param keyArgument where the key stands in the request
     */
    public void begin(
            Step step, Ends ends, Command command, Request request, int keyArgument, long client, ReplySink sink) {
        byte[] key = key(request, keyArgument);
        CacheUse use = words.use(command);
        byte[] text = use == CacheUse.READ ? Protocol.NOTHING : words.single(request, keyArgument);
        Visit visit = newVisit(step, use, new Errand(++begun, ends, command, key, text, client), sink);
        int kept = VISIT_BYTES + text.length;
        if (!sink.keep(kept)) {
            refuse(sink);
            return;
        }
        visit.keeps(kept);
        open.add(visit);
        if (visit.changes()) {
            keys.begin(client, key);
        }
        visit.begin();
    }

    private Visit newVisit(Step step, CacheUse use, Errand errand, ReplySink sink) {
        if (step == Step.INVALIDATE && !isRead(errand.command())) {
            return new InvalidatingVisit(this, use, errand, sink);
        }
        return switch (use) {
            case READ -> new ReadingVisit(this, step, errand, sink);
            case REPLACE, ADD, REMOVE -> new WritingVisit(this, use, errand, sink);
            case CHANGE, CHECKED_CHANGE, READ_VERSION -> new ChangingVisit(this, step, use, errand, sink);
        };
    }

    private void refuse(ReplySink sink) {
        counters.error(ErrorKind.OVERLOADED);
        var error = protocol.error(ErrorKind.OVERLOADED, "too much is held for this client (limits.client_held_bytes)");
        sink.onReply(error, error.readerIndex(), error.readableBytes(), true);
    }

    // ---- for visits

    Protocol protocol() {
        return protocol;
    }

    CacheWords words() {
        return words;
    }

    int maxGatheredBytes() {
        return maxGatheredBytes;
    }

    void count(PoolMetric metric) {
        counters.count(metric);
    }

    void countError(ErrorKind kind) {
        counters.error(kind);
    }

    /** Whether a server has been found not to know claims. */
    boolean isPlain(Backend server) {
        return !plain.isEmpty() && plain.contains(server.name());
    }

    void onPlain(Backend server) {
        plain.add(server.name());
    }

    /** Whether a value of so many bytes may be kept until it is home; if so, {@link #leaveWay} follows. */
    boolean enterWay(int bytes) {
        if (bytesOnTheWay + bytes > MOST_BYTES_ON_THE_WAY) {
            return false;
        }
        bytesOnTheWay += bytes;
        return true;
    }

    void leaveWay(int bytes) {
        bytesOnTheWay -= bytes;
    }

    /** The visit has given its reply. */
    void ended(Visit visit, Errand errand) {
        open.remove(visit);
        if (visit.changes()) {
            keys.end(errand.client(), errand.key());
        }
    }

    /** Whether the request changes nothing. */
    static boolean isRead(Command command) {
        return command.access() == Access.READ;
    }
}
