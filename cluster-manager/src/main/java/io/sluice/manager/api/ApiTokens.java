package io.sluice.manager.api;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who may ask the API: whoever shows one of these tokens. Each has a name, which the history tells. Without any, whoever
 * reaches the address may ask and change everything, so that must be a loopback address.
 */
public final class ApiTokens {

    /** Nobody needs a token. */
    public static final ApiTokens NONE = new ApiTokens(Map.of(), false);

    private final Map<String, byte[]> hashes = new LinkedHashMap<>();
    private final boolean readsNeedToken;

    /**
     * @param byName tokens by the names of those who have them
     * @param readsNeedToken whether whoever changes nothing needs one as well
     */
    public ApiTokens(Map<String, String> byName, boolean readsNeedToken) {
        byName.forEach((name, token) -> hashes.put(name, hash(token)));
        this.readsNeedToken = readsNeedToken && !byName.isEmpty();
    }

    public boolean isEmpty() {
        return hashes.isEmpty();
    }

    boolean readsNeedToken() {
        return readsNeedToken;
    }

    /** What is wrong with listening there, if anything is: something to refuse a configuration for. */
    public Optional<String> mistakeAt(InetSocketAddress address) {
        boolean loopback = address.getAddress() != null && address.getAddress().isLoopbackAddress();
        return loopback || !isEmpty()
                ? Optional.empty()
                : Optional.of("listening at " + address.getHostString() + " without a token would let everybody who"
                        + " reaches it change the cluster; expected a token, or a loopback address such as 127.0.0.1");
    }

    /** Whose token it is. Hashes are compared, each of them to its end: how long it takes tells nothing. */
    Optional<String> nameOf(String token) {
        byte[] given = hash(token);
        String found = "";
        for (Map.Entry<String, byte[]> known : hashes.entrySet()) {
            if (MessageDigest.isEqual(known.getValue(), given)) {
                found = known.getKey();
            }
        }
        return found.isEmpty() ? Optional.empty() : Optional.of(found);
    }

    private static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** Names, no tokens. */
    @Override
    public String toString() {
        return "tokens of " + hashes.keySet();
    }
}
