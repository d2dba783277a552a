package io.sluice.proxy.conversation;

import io.sluice.proxy.backend.Backend;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Which servers have been given the text of which script by this event loop, as far as they have not said otherwise. A
 * guess: a server that has started anew since knows none. Event-loop only.
 */
final class KnownScripts {

    /** Of one server; with more, all of them are learnt anew. */
    static final int MOST_OF_A_SERVER = 2000;

    private final IdentityHashMap<Backend, Set<String>> byServer = new IdentityHashMap<>();

    /** Whether a server has to be given the text, which it will have then. */
    boolean learns(Backend server, String script) {
        Set<String> known = byServer.computeIfAbsent(server, any -> new HashSet<>());
        if (known.size() >= MOST_OF_A_SERVER) {
            known.clear();
        }
        return known.add(script);
    }

    /** Forgets servers that are gone. */
    void retain(List<Backend> servers) {
        byServer.keySet().retainAll(servers);
    }

    void forgetAll() {
        byServer.clear();
    }
}
