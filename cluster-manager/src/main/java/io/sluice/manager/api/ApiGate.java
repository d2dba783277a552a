package io.sluice.manager.api;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.sluice.routing.config.AddressText;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets in whoever shows a token. Pages in somebody's browser change nothing: browsers tell of each such request where it
 * comes from, and could not send this content type to another site unasked. Where no token is needed, a page could still
 * give its own name the address 127.0.0.1; so names other than localhost are not served there.
 */
final class ApiGate {

    private static final String BEARER = "bearer ";
    private static final String JSON = "application/json";

    private final ApiTokens tokens;

    ApiGate(ApiTokens tokens) {
        this.tokens = tokens;
    }

    Caller admit(HttpExchange exchange, Route route) throws ApiException {
        Headers headers = exchange.getRequestHeaders();
        boolean reads = route.method().equals("GET");
        if (!reads && (headers.containsKey("Origin") || headers.containsKey("Sec-Fetch-Site"))) {
            throw forbidden("requests of web pages change nothing here", "use sluice ctl, or curl");
        }
        if (tokens.isEmpty() && !isLocalName(headers.getFirst("Host"))) {
            throw forbidden(
                    "the header Host has a name that is neither localhost nor an address",
                    "ask by address, or configure a token");
        }
        String address = exchange.getRemoteAddress().getAddress().getHostAddress();
        Caller caller = new Caller(tokenName(headers, !route.changes()), address);
        if (route.method().equals("POST") && !isJson(headers.getFirst("Content-Type"))) {
            throw ApiException.of(
                    415, "unsupported_media_type", "the body must be JSON", "send 'Content-Type: " + JSON + "'");
        }
        return caller;
    }

    private static ApiException forbidden(String message, String hint) {
        return ApiException.of(403, "forbidden", message, hint);
    }

    private String tokenName(Headers headers, boolean changesNothing) throws ApiException {
        @Nullable String authorization = headers.getFirst("Authorization");
        if (tokens.isEmpty() || (authorization == null && changesNothing && !tokens.guardReads())) {
            return "";
        }
        if (authorization == null || !authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
            throw unauthorized("no token was shown");
        }
        Optional<String> name =
                tokens.nameOf(authorization.substring(BEARER.length()).trim());
        return name.orElseThrow(() -> unauthorized("that token is not known here"));
    }

    private static ApiException unauthorized(String message) {
        return ApiException.of(
                401,
                "unauthorized",
                message,
                "send 'Authorization: Bearer TOKEN' (ctl: --token-file, or SLUICE_TOKEN) with a token of the manager's"
                        + " configuration");
    }

    private static boolean isLocalName(@Nullable String host) {
        if (host == null) {
            return true;
        }
        int colon = host.lastIndexOf(':');
        boolean hasPort =
                colon > 0 && !host.endsWith("]") && AddressText.tcp(host).isPresent();
        String name = hasPort ? host.substring(0, colon) : host;
        return name.equalsIgnoreCase("localhost") || name.startsWith("[") || name.matches("[0-9.]+");
    }

    private static boolean isJson(@Nullable String contentType) {
        return contentType != null && contentType.split(";", 2)[0].trim().equalsIgnoreCase(JSON);
    }
}
