package io.sluice.manager.api;

import io.sluice.manager.config.ApiToken;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask the API: whoever shows one of these tokens. Each has a name, which the history tells. Without any, whoever
 * reaches the address may ask and change everything, so that must be a loopback address.
 */
public final class ApiTokens {

    /** Nobody needs a token. */
    public static final ApiTokens NONE = new ApiTokens(Map.of());

    private final Map<String, ApiToken> byName;

    /** @param byName tokens by the names of those who have them */
    public ApiTokens(Map<String, ApiToken> byName) {
        this.byName = new LinkedHashMap<>(byName);
    }

    /** The one of a configuration, if there is one. */
    public static ApiTokens of(@Nullable ApiToken token) {
        return token == null ? NONE : new ApiTokens(Map.of("default", token));
    }

    public boolean isEmpty() {
        return byName.isEmpty();
    }

    /** Whether whoever changes nothing needs one as well. */
    boolean guardReads() {
        return byName.values().stream().anyMatch(ApiToken::guardsReads);
    }

    /** What is wrong with listening there, if anything is: something to refuse a configuration for. */
    public Optional<String> mistakeAt(InetSocketAddress address) {
        boolean loopback = address.getAddress() != null && address.getAddress().isLoopbackAddress();
        return loopback || !isEmpty()
                ? Optional.empty()
                : Optional.of("listening at " + address.getHostString() + " without a token would let everybody who"
                        + " reaches it change the cluster; expected a token, or a loopback address such as 127.0.0.1");
    }

    /** Whose token it is. All of them are compared, each to its end: how long it takes tells nothing. */
    Optional<String> nameOf(String shown) {
        Optional<String> found = Optional.empty();
        for (Map.Entry<String, ApiToken> token : byName.entrySet()) {
            if (token.getValue().matches(shown)) {
                found = Optional.of(token.getKey());
            }
        }
        return found;
    }

    /** Names, no tokens. */
    @Override
    public String toString() {
        return "tokens=" + byName.keySet();
    }
}
