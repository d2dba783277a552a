package io.sluice.proxy.budget;

/** What a request waits for that cannot be taken now but soon. Event-loop only. */
public interface Room {

    /** Tells the waiter, once, when it is worth asking again. */
    void await(BackendBudget.Waiter waiter);

    /** The waiter waits no longer. */
    void forget(BackendBudget.Waiter waiter);
}
