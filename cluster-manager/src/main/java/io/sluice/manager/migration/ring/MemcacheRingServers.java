package io.sluice.manager.migration.ring;

import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A ring of memcached servers. */
final class MemcacheRingServers implements RingServers {

    private final RingOwners owners;
    private final int keysPerSecond;
    private final Set<MemcacheLink> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** @param keysPerSecond that are deleted at most, on one server after the other */
    MemcacheRingServers(RingOwners owners, int keysPerSecond) {
        this.owners = owners;
        this.keysPerSecond = keysPerSecond;
    }

    @Override
    public long sweep() throws RingServerException {
        long removed = 0;
        for (ServerAddress server : owners.nextServers()) {
            try (MemcacheLink listing = opened(server);
                    MemcacheLink deleting = opened(server)) {
                removed += new MemcacheSweep(listing, deleting, owners.comingTo(server), keysPerSecond).run();
            }
        }
        return removed;
    }

    private MemcacheLink opened(ServerAddress server) throws RingServerException {
        MemcacheLink link = MemcacheLink.open(server);
        open.removeIf(MemcacheLink::isClosed);
        open.add(link);
        if (closed) {
            link.close();
        }
        return link;
    }

    /** A cache has no queues, so nobody needs to know. */
    @Override
    public Holdings holdings() throws RingServerException {
        throw new RingServerException("memcached has no queues");
    }

    @Override
    public List<String> silentOldServers() {
        List<String> silent = new ArrayList<>();
        for (ServerAddress server : owners.oldServers()) {
            try (MemcacheLink link = opened(server)) {
                link.send("version");
                link.flush();
                link.line();
            } catch (RingServerException e) {
                silent.add(String.valueOf(e.getMessage()));
            }
        }
        return silent;
    }

    @Override
    public void close() {
        closed = true;
        open.forEach(MemcacheLink::close);
    }
}
