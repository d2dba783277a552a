package io.sluice.manager.api;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.store.StoreException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One thing that can be asked for.
 *
 * @param template its path; segments in capitals stand for anything, and have that name
 * @param parameters what may stand behind the question mark
 * @param changes whether it may change something
 */
record Route(String method, String template, Set<String> parameters, boolean changes, Handler handler) {

    /** What answers: JSON as text. */
    @FunctionalInterface
    interface Handler {
        String answer(ApiRequest request) throws ApiException, StoreException, ChangeRefusedException;
    }

    Route {
        parameters = Set.copyOf(parameters);
    }

    /** What stands at the places of the template, not decoded yet; empty if the path is another one. */
    Optional<Map<String, String>> match(String rawPath) {
        String[] wanted = template.split("/", -1);
        String[] found = rawPath.split("/", -1);
        if (wanted.length != found.length) {
            return Optional.empty();
        }
        Map<String, String> places = new LinkedHashMap<>();
        for (int i = 0; i < wanted.length; i++) {
            boolean isPlace = !wanted[i].isEmpty() && wanted[i].chars().allMatch(c -> c >= 'A' && c <= 'Z');
            if (isPlace && !found[i].isEmpty()) {
                places.put(wanted[i], found[i]);
            } else if (!wanted[i].equals(found[i])) {
                return Optional.empty();
            }
        }
        return Optional.of(places);
    }
}
