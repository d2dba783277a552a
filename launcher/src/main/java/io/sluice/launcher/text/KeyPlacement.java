package io.sluice.launcher.text;

import io.sluice.routing.Route;
import io.sluice.routing.Router;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;

/**
 * Where one key lives, as text for people.
 *
 * @param key the key, with everything that is not printable ASCII escaped
 * @param hashedPart what lies between the hash tag's characters, else the whole key
 * @param hash the number the hash function gives
 * @param position what decides: the point of the ring, the place in the weighted list, the slot
 * @param server the server's name
 * @param address where that server listens
 */
public record KeyPlacement(String key, String hashedPart, String hash, String position, String server, String address) {

    private static final String NOBODY = "-";

    public static KeyPlacement of(Router router, byte[] key) {
        Route route = router.explain(key);
        return new KeyPlacement(
                KeyText.show(key),
                route.hashedPart(),
                String.valueOf(route.hash()),
                position(router, route),
                route.server().map(Server::name).orElse(NOBODY),
                route.server().map(Server::address).map(ServerAddress::toString).orElse(NOBODY));
    }

    private static String position(Router router, Route route) {
        String number =
                route.position().isPresent() ? String.valueOf(route.position().getAsLong()) : NOBODY;
        return switch (router.pool().distribution()) {
            case KETAMA -> "point " + number;
            case MODULA -> "place " + number + " of " + route.positions();
            case SLOTS -> "slot " + number + " of " + route.positions();
            case RANDOM -> "any";
        };
    }
}
