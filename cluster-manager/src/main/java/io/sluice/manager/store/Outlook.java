package io.sluice.manager.store;

import java.util.List;

/**
 * What the next step of a handoff goes by.
 *
 * @param topology read first
 * @param orders of the handoff; {@link Orders#NONE} if nobody has said anything
 * @param proxies all that are registered, by id, read after the topology
 */
public record Outlook(StoredTopology topology, Orders orders, List<ProxyState> proxies) {

    public Outlook {
        proxies = List.copyOf(proxies);
    }
}
