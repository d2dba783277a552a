package io.sluice.proxy.dispatch;

import io.sluice.proxy.health.Shares;
import io.sluice.routing.Router;
import java.util.stream.IntStream;

/**
 * The keys of servers that are left out belong to the others, as twemproxy has it. A server that returns gets its keys
 * back by and by: those whose spread is below its share. A key moves once.
 *
 * <pre>
 *   spread   0 ......... 64 ......... 256
 *            a, b and c  │  a and b          while c returns and has a quarter of its share
 * </pre>
 */
final class RemappedKeys implements Owners.Detour {

    private final Router any;
    private final int[] limits; // rising, the last one is Shares.ALL
    private final Router[] routers; // for keys whose spread is below the limit

    private RemappedKeys(Router any, int[] limits, Router[] routers) {
        this.any = any;
        this.limits = limits;
        this.routers = routers;
    }

    static RemappedKeys of(Router allServers, Shares shares) {
        int[] limits = IntStream.concat(IntStream.range(0, shares.servers()).map(shares::of), IntStream.of(Shares.ALL))
                .filter(share -> share > 0)
                .distinct()
                .sorted()
                .toArray();
        int most = Math.max(
                1, IntStream.range(0, shares.servers()).map(shares::of).max().orElse(0));
        Router[] routers = IntStream.of(limits) // where all return at once, those first back serve everything
                .mapToObj(limit -> allServers.withLive(shares.above(Math.min(limit, most) - 1)))
                .toArray(Router[]::new);
        return new RemappedKeys(allServers, limits, routers);
    }

    @Override
    public int owner(byte[] bytes, int offset, int length) {
        int range = 0;
        if (limits.length > 1) {
            int spread = any.spread(bytes, offset, length);
            while (spread >= limits[range]) {
                range++;
            }
        }
        return routers[range].serverIndex(bytes, offset, length);
    }
}
