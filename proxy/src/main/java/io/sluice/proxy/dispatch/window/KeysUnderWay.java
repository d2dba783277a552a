package io.sluice.proxy.dispatch.window;

import io.sluice.proxy.budget.BackendBudget.Waiter;
import io.sluice.proxy.budget.Room;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys that each client is changing by more than one request to a server. Its next request for such a key waits: it
 * could overtake the second of them. Two keys may be taken for the same, then one waits in vain. Event-loop only.
 *
 * <pre>
 *   set k 1 ─▶ delete k (old) ─▶ set k 1 (new)
 *   get k      waits ....................... ─▶ goes on
 * </pre>
 */
final class KeysUnderWay {

    private final Map<Long, Client> clients = new HashMap<>();

    /** Null if the client may go on with this key; else what it waits for. */
    @Nullable Room room(long client, byte[] key) {
        Client found = clients.get(client);
        return found != null && found.keys.containsKey(number(key)) ? found : null;
    }

    /** The client changes the key from now on; {@link #room} has been null for it, or one request names it twice. */
    void begin(long client, byte[] key) {
        clients.computeIfAbsent(client, Client::new).keys.merge(number(key), 1, Integer::sum);
    }

    void end(long client, byte[] key) {
        Client found = clients.get(client);
        if (found != null) {
            found.keys.computeIfPresent(number(key), (any, requests) -> requests == 1 ? null : requests - 1);
            if (found.keys.isEmpty()) {
                clients.remove(client);
            }
            found.wake();
        }
    }

    private static long number(byte[] key) {
        long number = 0xcbf29ce484222325L;
        for (byte each : key) {
            number = (number ^ each) * 0x100000001b3L;
        }
        return number;
    }

    private static final class Client implements Room {
        private final Map<Long, Integer> keys = new HashMap<>(); // how many requests change it
        private @Nullable Waiter waiter;

        Client(long number) {}

        private void wake() {
            Waiter woken = waiter;
            waiter = null;
            if (woken != null) {
                woken.onRoom();
            }
        }

        @Override
        public void await(Waiter newWaiter) {
            waiter = newWaiter;
        }

        @Override
        public void forget(Waiter former) {
            waiter = null;
        }
    }
}
