package io.sluice.proxy.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.sluice.proxy.access.PasswordHash;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who may change something: whoever shows the configured token, unless it is a page in somebody's browser. A browser
 * tells of each such request where it comes from, and could not send this content type to another site unasked.
 */
final class AdminGate {

    private static final String BEARER = "bearer ";
    private static final String JSON = "application/json";

    private final @Nullable PasswordHash token;

    /** @param token null if nothing may be changed */
    AdminGate(@Nullable PasswordHash token) {
        this.token = token;
    }

    /** Why the request is refused; empty if it may go on. */
    Optional<Page> refusal(HttpRequest request) {
        HttpHeaders headers = request.headers();
        if (headers.contains(HttpHeaderNames.ORIGIN) || headers.contains("sec-fetch-site")) {
            return Optional.of(Page.text(403, "requests of web pages change nothing here"));
        }
        if (token == null) {
            return Optional.of(Page.text(
                    403,
                    "nothing can be changed here: the configuration has no admin_token (or admin_token_file); with"
                            + " one, send the header 'Authorization: Bearer TOKEN'"));
        }
        if (!isToken(headers.get(HttpHeaderNames.AUTHORIZATION), token)) {
            return Optional.of(Page.text(401, "expected the header 'Authorization: Bearer TOKEN' with admin_token"));
        }
        if (request.method().equals(HttpMethod.POST) && !isJson(headers.get(HttpHeaderNames.CONTENT_TYPE))) {
            return Optional.of(Page.text(415, "expected the header 'Content-Type: " + JSON + "'"));
        }
        return Optional.empty();
    }

    /** Both sides are hashed first, so that comparing them takes the same time wherever they differ. */
    private static boolean isToken(@Nullable String authorization, PasswordHash token) {
        if (authorization == null || !authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
            return false;
        }
        String given = authorization.substring(BEARER.length()).trim();
        return token.matches(PasswordHash.of(given.getBytes(StandardCharsets.UTF_8)));
    }

    private static boolean isJson(@Nullable String contentType) {
        return contentType != null && contentType.split(";", 2)[0].trim().equalsIgnoreCase(JSON);
    }
}
