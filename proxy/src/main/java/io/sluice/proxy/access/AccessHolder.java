package io.sluice.proxy.access;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The rules of a pool that hold now, and who must hear when others do. Thread-safe; what it gives out is immutable.
 *
 * <p>New rules count for each client's next request: the event loops are told, and their clients look their users up
 * again. A client whose user is gone has its replies and is closed; one that has logged in stays so, whatever became
 * of his password, as in Redis.
 */
public final class AccessHolder {
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile AccessRules current;

    public AccessHolder(AccessRules rules) {
        this.current = rules;
    }

    public AccessRules current() {
        return current;
    }

    /** From now on these rules hold. May be called by any thread. */
    public void replace(AccessRules rules) {
        current = rules;
        listeners.forEach(Runnable::run);
    }

    /** {@code listener} is run after each change, by the thread that made it. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }
}
