package io.sluice.proxy.session;

import java.util.ArrayDeque;

/** Reply slots of one event loop, used again and again. Event-loop only. */
public final class ReplySlotPool {

    private static final int MAX_IDLE = 16_384;

    private final ArrayDeque<ReplySlot> idle = new ArrayDeque<>();

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
