package io.sluice.proxy.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** What is kept of a password: its SHA-256, as in Redis. Immutable. */
public final class PasswordHash {
    private static final int HEX_DIGITS = 64;

    private final byte[] digest;

    private PasswordHash(byte[] digest) {
        this.digest = digest;
    }

    public static PasswordHash of(byte[] password) {
        try {
            return new PasswordHash(MessageDigest.getInstance("SHA-256").digest(password));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    public static PasswordHash of(String password) {
        return of(password.getBytes(StandardCharsets.UTF_8));
    }

    /** Exactly 64 digits, small letters only; else empty. */
    static Optional<PasswordHash> parse(String hex) {
        boolean isHash = hex.length() == HEX_DIGITS
                && hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
        return isHash ? Optional.of(new PasswordHash(HexFormat.of().parseHex(hex))) : Optional.empty();
    }

    /** Takes the same time wherever the two differ. */
    public boolean matches(PasswordHash other) {
        return MessageDigest.isEqual(digest, other.digest);
    }

    /** For ACL LIST, which shows hashes to those who may see it. */
    public String hex() {
        return HexFormat.of().formatHex(digest);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PasswordHash hash && matches(hash);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digest);
    }

    /** Says nothing: it may end up in a log. */
    @Override
    public String toString() {
        return "(hidden)";
    }
}
