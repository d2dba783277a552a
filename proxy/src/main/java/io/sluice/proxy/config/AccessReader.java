package io.sluice.proxy.config;

import io.sluice.proxy.access.AccessRules;
import io.sluice.proxy.access.ServerLogin;
import io.sluice.proxy.access.User;
import io.sluice.proxy.access.UserText;
import io.sluice.proxy.protocol.resp.RedisCommands;
import io.sluice.routing.config.PasswordFile;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlScalar;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.topology.PoolProtocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads who may use a pool and who it is to its servers: {@code users} and {@code server_*}. */
final class AccessReader {
    private static final List<String> KEYS = List.of("users", "server_user", "server_password", "server_password_file");

    private final YamlSection pool;

    private AccessReader(YamlSection pool) {
        this.pool = pool;
    }

    /**
     * Of a pool in Sluice's own file.
     *
     * @param redisAuth the password for clients and servers alike, as far as nothing else is said
     */
    static PoolAccess read(YamlSection pool, PoolProtocol protocol, @Nullable String redisAuth) {
        return new AccessReader(pool).read(protocol, redisAuth);
    }

    private PoolAccess read(PoolProtocol protocol, @Nullable String redisAuth) {
        List<User> users = users();
        @Nullable ServerLogin server = server();
        if (protocol == PoolProtocol.MEMCACHE) {
            KEYS.stream()
                    .filter(pool::has)
                    .forEach(key -> pool.mistake(
                            key,
                            "found in a memcached pool, whose text protocol has no logins; expected only with"
                                    + " protocol: redis"));
        }
        PoolAccess simple = PoolAccess.by(redisAuth);
        return new PoolAccess(
                pool.has("users") ? AccessRules.of(users, RedisCommands.GROUPS) : simple.rules(),
                server == null ? simple.server() : server);
    }

    private List<User> users() {
        if (!pool.has("users")) {
            return List.of();
        }
        List<User> users = new ArrayList<>();
        Map<String, Integer> lines = new HashMap<>();
        List<YamlScalar> texts = pool.requiredList("users", "a list of users, each with his rules");
        if (texts.size() > AccessRules.MAX_USERS) {
            pool.mistake("users", texts.size() + " users; expected at most " + AccessRules.MAX_USERS);
            return List.of();
        }
        for (YamlScalar text : texts) {
            Optional<User> user = UserText.parse(text.text(), RedisCommands.GROUPS, text::mistake);
            user.ifPresent(read -> {
                Integer earlier = lines.putIfAbsent(read.name(), text.line());
                if (earlier != null) {
                    text.mistake("user '" + read.name() + "' stands on line " + earlier + " already");
                }
                users.add(read);
            });
        }
        rejectTwoPasswords();
        warnOfOpenDoor(lines.containsKey(AccessRules.DEFAULT_USER));
        return users;
    }

    /** As in a fresh Redis, which is not what people expect who describe users. */
    private void warnOfOpenDoor(boolean isDefaultDescribed) {
        if (!isDefaultDescribed) {
            pool.warning(
                    "users",
                    "the user default is not described, so whoever does not log in may do everything;"
                            + " write 'default off' to ask everybody for a login");
        }
    }

    /** Which of the two would hold for clients? Nobody should have to guess. */
    private void rejectTwoPasswords() {
        if (pool.has("redis_auth")) {
            pool.mistake(
                    "redis_auth",
                    "cannot stand beside users; expected server_password for the servers, and for clients a user"
                            + " such as: default on >password allkeys allcommands");
        }
    }

    private @Nullable ServerLogin server() {
        Optional<String> user = pool.optional("server_user", ScalarType.TEXT);
        Optional<String> password = pool.optional("server_password", ScalarType.TEXT);
        Optional<YamlScalar> file = pool.scalar("server_password_file", "the name of a file");
        if (pool.has("server_password") && file.isPresent()) {
            pool.mistake("server_password", "stands beside server_password_file; expected one of the two");
        } else if (user.isPresent() && !pool.has("server_password") && file.isEmpty()) {
            pool.mistake("server_user", "has no password; expected server_password or server_password_file as well");
        }
        return password.or(() -> file.flatMap(PasswordFile::read))
                .map(known -> new ServerLogin(user.orElse(null), known))
                .orElse(null);
    }
}
