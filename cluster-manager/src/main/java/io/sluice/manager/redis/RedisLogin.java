package io.sluice.manager.redis;

import org.jspecify.annotations.Nullable;

/**
 * How the manager is let in at servers or sentinels.
 *
 * @param user null is Redis' default user
 * @param password null if nobody is asked for one
 * @param tls null is plain TCP
 */
public record RedisLogin(
        @Nullable String user,
        @Nullable String password,
        @Nullable RedisTls tls) {

    public static final RedisLogin NONE = new RedisLogin(null, null, null);

    /** Without the password. */
    @Override
    public String toString() {
        return "RedisLogin[user=" + (user == null ? "default" : user) + ", password="
                + (password == null ? "none" : "***") + ", tls=" + (tls != null) + "]";
    }
}
