package io.sluice.proxy.session;

import io.sluice.proxy.budget.SplitBudget;
import java.util.ArrayDeque;

/** Reply slots of one event loop, used again and again. Event-loop only. */
public final class ReplySlotPool {

    private static final int MAX_IDLE = 16_384;

    private final SplitBudget splits;
    private final ArrayDeque<ReplySlot> idle = new ArrayDeque<>();

    /** A pool that tells {@code splits} what is kept elsewhere for its slots. */
    public ReplySlotPool(SplitBudget splits) {
        this.splits = splits;
    }

    SplitBudget splits() {
        return splits;
    }

    ReplySlot take(PendingReplies owner) {
        ReplySlot slot = idle.pollLast();
        if (slot == null) {
            slot = new ReplySlot(this);
        }
        slot.idle = false;
        slot.owner = owner;
        return slot;
    }

    void give(ReplySlot slot) {
        if (idle.size() < MAX_IDLE) {
            idle.addLast(slot);
        }
    }
}
