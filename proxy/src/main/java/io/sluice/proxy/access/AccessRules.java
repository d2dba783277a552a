package io.sluice.proxy.access;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The users of a pool. There always is one named {@code default}: clients that have not logged in are it, if it needs
 * no password. Immutable.
 */
public final class AccessRules {
    public static final String DEFAULT_USER = "default";

    /** Users of one pool. */
    public static final int MAX_USERS = 1024;

    private final TreeMap<String, User> users = new TreeMap<>();
    private final User defaultUser;
    private final boolean configured;

    private AccessRules(List<User> users, User fallback, boolean configured) {
        this.users.put(fallback.name(), fallback);
        users.forEach(user -> this.users.put(user.name(), user));
        this.defaultUser = this.users.getOrDefault(DEFAULT_USER, fallback);
        this.configured = configured;
    }

    /** Everybody may do everything. */
    public static AccessRules open(CommandGroups groups) {
        return new AccessRules(List.of(), everything(groups, "nopass"), false);
    }

    /** Everybody who knows the password may do everything; twemproxy's {@code redis_auth}. */
    public static AccessRules ofPassword(String password, CommandGroups groups) {
        return new AccessRules(List.of(), everything(groups, ">" + password), false);
    }

    /** Of several users with one name the last one counts. Without one named default, that is as in a fresh Redis. */
    public static AccessRules of(List<User> users, CommandGroups groups) {
        return new AccessRules(users, everything(groups, "nopass"), true);
    }

    private static User everything(CommandGroups groups, String passwordRule) {
        UserRules rules = new UserRules(DEFAULT_USER, groups);
        for (String rule : List.of("on", passwordRule, "allkeys", "allchannels", "allcommands")) {
            rules.apply(rule);
        }
        return rules.toUser();
    }

    public User defaultUser() {
        return defaultUser;
    }

    /** Whether a client that has not logged in may go on as the default user. */
    public boolean admitsStrangers() {
        return defaultUser.isEnabled() && defaultUser.needsNoPassword();
    }

    /** Whether users were described, and not a password at most. */
    public boolean areConfigured() {
        return configured;
    }

    /** In the order of their names. */
    public Collection<User> users() {
        return List.copyOf(users.values());
    }

    public Optional<User> user(String name) {
        return Optional.ofNullable(users.get(name));
    }

    /** The user, if he is on and this is a password of his. Takes the same time whether there is such a user. */
    public @Nullable User login(String name, byte[] password) {
        User user = users.get(name);
        PasswordHash given = PasswordHash.of(password);
        boolean matches = (user == null ? defaultUser : user).isPassword(given);
        return matches && user != null && user.isEnabled() ? user : null;
    }

    /** Whether the same users are described in the same way. */
    @Override
    public boolean equals(Object other) {
        return other instanceof AccessRules rules && configured == rules.configured && users.equals(rules.users);
    }

    @Override
    public int hashCode() {
        return users.keySet().hashCode();
    }

    /** Names only. */
    @Override
    public String toString() {
        return "AccessRules" + users.keySet();
    }
}
