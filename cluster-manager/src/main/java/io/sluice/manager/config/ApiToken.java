package io.sluice.manager.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** What must be shown to use the API. Only its digest is kept, and it takes as long to compare whatever is shown. */
public final class ApiToken {

    /** Shorter ones can be guessed. */
    static final int MIN_CHARACTERS = 16;

    private final byte[] digest;
    private final boolean guardsReads;

    private ApiToken(byte[] digest, boolean guardsReads) {
        this.digest = digest;
        this.guardsReads = guardsReads;
    }

    /** One that must be shown for everything. */
    public static ApiToken of(String token) {
        return new ApiToken(digest(token), true);
    }

    /** The same; if false, whoever changes nothing needs not show it. */
    public ApiToken guardingReads(boolean guards) {
        return new ApiToken(digest, guards);
    }

    public boolean guardsReads() {
        return guardsReads;
    }

    public boolean matches(String shown) {
        return MessageDigest.isEqual(digest, digest(shown));
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ApiToken token
                && guardsReads == token.guardsReads
                && MessageDigest.isEqual(digest, token.digest);
    }

    @Override
    public int hashCode() {
        return java.util.Arrays.hashCode(digest);
    }

    @Override
    public String toString() {
        return "ApiToken";
    }
}
