package io.sluice.manager.api;

import io.sluice.routing.config.ScalarType;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** A request that was let in. */
final class ApiRequest {

    private final Map<String, String> places;
    private final Map<String, byte[]> query;
    private final byte[] body;
    private final Caller caller;

    /**
     * @param places what stands in the path where its route has names in capitals
     * @param query its parameters, percent-decoded
     * @param body as it came
     * @param caller who asks
     */
    ApiRequest(Map<String, String> places, Map<String, byte[]> query, byte[] body, Caller caller) {
        this.places = places;
        this.query = query;
        this.body = body;
        this.caller = caller;
    }

    byte[] body() {
        return body;
    }

    Caller caller() {
        return caller;
    }

    String place(String name) {
        return places.getOrDefault(name, "");
    }

    Optional<String> text(String parameter) {
        return bytes(parameter).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    Optional<byte[]> bytes(String parameter) {
        return Optional.ofNullable(query.get(parameter));
    }

    /** A number within bounds; {@code fallback} if there is none. */
    int number(String parameter, int fallback, int min, int max) throws ApiException {
        Optional<String> text = text(parameter);
        if (text.isEmpty()) {
            return fallback;
        }
        return ScalarType.wholeNumber(text.get(), min, max)
                .orElseThrow(() -> ApiException.badRequest(
                        parameter + ": expected a number from " + min + " to " + max, "see docs/api.md"));
    }
}
