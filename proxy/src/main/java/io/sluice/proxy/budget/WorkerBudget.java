package io.sluice.proxy.budget;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * What one event loop holds for its peers. Only its own loop writes the figures, so adding is a plain addition and an
 * opaque store; others read them whenever they like. Event-loop only, but for {@link #figure} and what is
 * package-private and said to be for any thread.
 */
@SuppressWarnings("EnumOrdinal") // an index that no one keeps
public final class WorkerBudget {

    /** The process is looked at each time this much has come or gone. */
    static final long LOOK_EVERY_BYTES = 256 << 10;

    /** Share of the process' budget that clients' windows share; the rest is for what was not foreseen. */
    static final int WINDOWS_DIVISOR = 4;

    /** Each client may have this part of what the windows leave: the more hold something, the less each may. */
    static final int WINDOW_DIVISOR = 8;

    /** A client's window never closes further: small requests and replies go on whatever others do. */
    static final long MIN_WINDOW_BYTES = 128 << 10;

    /** Who holds less is never closed for the sake of others. */
    static final long MIN_EVICTED_BYTES = 4 << 10;

    private final ProcessBudget process;
    private final Executor loop;
    private final LongSupplier nanoClock;
    private final AtomicLongArray figures = new AtomicLongArray(BudgetFigure.values().length);
    private final AtomicLong biggest = new AtomicLong();
    private final AtomicBoolean relieving = new AtomicBoolean();
    private final Set<ClientBudget> clients = Collections.newSetFromMap(new IdentityHashMap<>());

    private long movedSinceLook;
    private long windowBytes;

    WorkerBudget(ProcessBudget process, Executor loop, LongSupplier nanoClock) {
        this.process = process;
        this.loop = loop;
        this.nanoClock = nanoClock;
        this.windowBytes = window(0);
    }

    // ---- counting

    /** From any thread; may lag by a moment. */
    public long figure(BudgetFigure figure) {
        return figures.getOpaque(figure.ordinal());
    }

    public void count(BudgetFigure event) {
        add(event, 1);
    }

    void addClient(long held, long expected) {
        add(BudgetFigure.CLIENT_BYTES, held);
        add(BudgetFigure.EXPECTED_BYTES, expected);
        moved(held + expected);
    }

    void addServer(long bytes) {
        add(BudgetFigure.SERVER_BYTES, bytes);
        moved(bytes);
    }

    void addSplit(long bytes) {
        add(BudgetFigure.SPLIT_BYTES, bytes);
        moved(bytes);
    }

    private void add(BudgetFigure figure, long delta) {
        int index = figure.ordinal();
        figures.setOpaque(index, figures.getPlain(index) + delta);
    }

    private void moved(long delta) {
        movedSinceLook += delta;
        if (movedSinceLook >= LOOK_EVERY_BYTES || movedSinceLook <= -LOOK_EVERY_BYTES) {
            look();
        }
    }

    private void look() {
        movedSinceLook = 0;
        windowBytes = window(process.usedBytes() + process.sum(BudgetFigure.EXPECTED_BYTES));
        if (process.isOver()) {
            process.relieve();
        }
    }

    private long window(long taken) {
        long left = process.maxBytes() / WINDOWS_DIVISOR - taken;
        return Math.max(MIN_WINDOW_BYTES, left / WINDOW_DIVISOR);
    }

    /** What one client may hold and expect before it is not read from, as far as the process is concerned. */
    long windowBytes() {
        return windowBytes;
    }

    /** Whether the process holds more than it may; takes a look at all event loops. */
    public boolean isOver() {
        return process.isOver();
    }

    long now() {
        return nanoClock.getAsLong();
    }

    // ---- clients

    void opened(ClientBudget client) {
        clients.add(client);
    }

    void closed(ClientBudget client) {
        clients.remove(client);
    }

    // ---- giving back

    /** What the biggest client held when it was last looked for. From any thread. */
    long biggestClientBytes() {
        return biggest.getOpaque();
    }

    /** From any thread. */
    void askToRelieve() {
        if (relieving.compareAndSet(false, true)) {
            loop.execute(this::findBiggest);
        }
    }

    /** All loops say first what their biggest client holds: the biggest of the process must go, not of each loop. */
    private void findBiggest() {
        List<ClientBudget> candidates = candidates();
        biggest.setOpaque(
                candidates.stream().mapToLong(ClientBudget::heldBytes).max().orElse(0));
        loop.execute(() -> relieve(candidates));
    }

    private List<ClientBudget> candidates() {
        List<ClientBudget> candidates = new ArrayList<>();
        for (ClientBudget client : clients) {
            if (client.heldBytes() >= MIN_EVICTED_BYTES) {
                candidates.add(client);
            }
        }
        long now = now();
        candidates.sort(Comparator.comparing((ClientBudget client) -> client.isTaking(now))
                .thenComparing(Comparator.comparingLong(ClientBudget::heldBytes).reversed()));
        return candidates;
    }

    /** Closes clients that take nothing, then others, the biggest first; those at least half as big as the biggest. */
    private void relieve(List<ClientBudget> candidates) {
        relieving.set(false);
        long excess = process.excessBytes();
        long least = process.biggestClientBytes() / 2;
        boolean relieved = false;
        for (ClientBudget client : candidates) {
            long held = client.heldBytes(); // 0 if it is gone meanwhile
            if (excess > 0 && held >= Math.max(least, MIN_EVICTED_BYTES)) {
                client.evict();
                excess -= held;
                relieved = true;
            }
        }
        biggest.setOpaque(0);
        if (relieved && process.isOver()) {
            process.relieve(); // now those that are half as big
        }
    }
}
