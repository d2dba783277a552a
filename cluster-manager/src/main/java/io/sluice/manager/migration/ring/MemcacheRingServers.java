package io.sluice.manager.migration.ring;

import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A ring of memcached servers. */
final class MemcacheRingServers implements RingServers {

    private final RingOwners owners;
    private final int keysPerSecond;
    private final Duration probeLimit;
    private final Set<MemcacheLink> open = ConcurrentHashMap.newKeySet();
    private volatile @Nullable List<ServerAddress> givers; // null until they are needed
    private volatile boolean closed;

    /**
     * @param keysPerSecond that are deleted at most, on one server after the other
     * @param probeLimit how long a server that is only asked whether it is there has for its answer
     */
    MemcacheRingServers(RingOwners owners, int keysPerSecond, Duration probeLimit) {
        this.owners = owners;
        this.keysPerSecond = keysPerSecond;
        this.probeLimit = probeLimit;
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
        return kept(MemcacheLink.open(server));
    }

    private MemcacheLink kept(MemcacheLink link) {
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
    public Optional<Silent> silentGiver() {
        List<ServerAddress> asked = givers;
        if (asked == null) {
            asked = owners.givers(); // not for each probe: that is a look at many keys
            givers = asked;
        }
        for (ServerAddress server : asked) {
            try (MemcacheLink link = kept(MemcacheLink.openWithin(server, probeLimit))) {
                link.send("version");
                link.flush();
                link.line();
            } catch (RingServerException e) {
                return Optional.of(new Silent(server, String.valueOf(e.getMessage())));
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        closed = true;
        open.forEach(MemcacheLink::close);
    }
}
