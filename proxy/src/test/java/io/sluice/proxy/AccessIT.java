package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.access.AccessHolder;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Shards;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Users and their rules, through a proxy that has a login of its own at its servers. */
class AccessIT {

    private static final List<String> USERS = List.of(
            "default off",
            "app on >secret ~cache:* +@read +@write +@connection +acl|whoami -@dangerous",
            "reader on >r1 >r2 %R~* +@read +ping",
            "scripts on >s ~cache:* +eval",
            "wide on >w ~cache:* +@all -@dangerous",
            "ops on >root allkeys allcommands");

    private static final RespError WRONG_PASS =
            new RespError("WRONGPASS invalid username-password pair or user is disabled.");
    private static final RespError NO_AUTH = new RespError("NOAUTH Authentication required.");
    private static final RespError NO_KEY =
            new RespError("NOPERM this user has no permissions to access one of the keys used as arguments");

    @RegisterExtension
    static final Shards shards = Shards.of(guarded(), guarded(), guarded());

    @AutoClose
    static final RunningProxy proxy =
            shards.proxy().users(USERS).serverLogin("proxy", "backend-word").monitored();

    @AutoClose
    static final RunningProxy changing = shards.proxy().users(USERS).serverLogin("proxy", "backend-word");

    private static RedisServer guarded() {
        return RedisServer.onFreePort().withPassword("not the proxy's");
    }

    @BeforeAll
    static void start() throws ProxyStartException, IOException {
        for (int i = 0; i < shards.count(); i++) {
            try (RespClient server = shards.server(i).connect()) {
                server.call("ACL", "SETUSER", "proxy", "on", ">backend-word", "~*", "+@all");
            }
        }
        proxy.start();
        changing.start();
    }

    // ---- logging in

    @Test
    void whoHasNotLoggedInIsServedNothing() throws IOException {
        try (RespClient client = proxy.connect()) {
            assertThat(client.call("GET", "cache:1")).isEqualTo(NO_AUTH);
            assertThat(client.call("PING")).isEqualTo(NO_AUTH);
            assertThat(client.call("ACL", "WHOAMI")).isEqualTo(NO_AUTH);
            assertThat(client.call("AUTH", "root")).isEqualTo(WRONG_PASS);
            assertThat(client.call("AUTH", "default", "root")).isEqualTo(WRONG_PASS);
            assertThat(client.call("AUTH", "nobody", "secret")).isEqualTo(WRONG_PASS);
            assertThat(client.call("AUTH", "app", "Secret")).isEqualTo(WRONG_PASS);
            assertThat(client.call("HELLO", "2", "AUTH", "app", "root")).isEqualTo(WRONG_PASS);
            assertThat(client.call("GET", "cache:1")).isEqualTo(NO_AUTH);
        }
    }

    @Test
    void aClientIsWhoItLastLoggedInAs() throws IOException {
        try (RespClient client = proxy.connect()) {
            assertThat(client.call("AUTH", "app", "secret")).isEqualTo("OK");
            assertThat(client.call("ACL", "WHOAMI")).isEqualTo("app");
            assertThat(client.call("HELLO", "2", "AUTH", "reader", "r2")).isInstanceOf(List.class);
            assertThat(client.call("ACL", "WHOAMI")).isEqualTo(noRun("acl|whoami"));
            assertThat(client.call("AUTH", "app", "wrong")).isEqualTo(WRONG_PASS);
            assertThat(client.call("SET", "cache:1", "x")).isEqualTo(noRun("set"));
            assertThat(client.call("AUTH", "ops", "root")).isEqualTo("OK");
            assertThat(client.call("ACL", "WHOAMI")).isEqualTo("ops");
        }
    }

    @Test
    void serversSeeTheProxysOwnLogin() throws IOException {
        try (RespClient client = as("ops", "root")) {
            assertThat(client.call("SET", shards.keyOn(0, "seen"), "1")).isEqualTo("OK");
        }

        try (RespClient server = shards.server(0).connect()) {
            assertThat(String.valueOf(server.call("CLIENT", "LIST"))).contains("user=proxy");
        }
    }

    @Test
    void failedLoginsAreCounted() throws Exception {
        double before = failedLogins();

        try (RespClient client = proxy.connect()) {
            client.call("AUTH", "app", "x");
            client.call("AUTH", "app", "y");
        }

        assertThat(failedLogins()).isGreaterThanOrEqualTo(before + 2);
    }

    private static double failedLogins() throws Exception {
        return AdminClient.metrics(proxy.adminPort()).value("sluice_client_failed_logins_total{pool=alpha}");
    }

    // ---- commands and keys

    @Test
    void aUserRunsWhatItsRulesAllowOnTheKeysTheyName() throws IOException {
        try (RespClient client = as("app", "secret")) {
            assertThat(client.call("SET", "cache:1", "one")).isEqualTo("OK");
            assertThat(client.call("GET", "cache:1")).isEqualTo("one");
            assertThat(client.call("GET", "other")).isEqualTo(NO_KEY);
            assertThat(client.call("SORT", "cache:l")).isEqualTo(noRun("sort"));
            assertThat(client.call("FLUSHALL")).isEqualTo(noRun("flushall"));
            assertThat(client.call("CONFIG", "GET", "x")).isEqualTo(noRun("config|get"));
            assertThat(client.call("ACL", "LIST")).isEqualTo(noRun("acl|list"));
            assertThat(client.call("OBJECT", "ENCODING", "cache:1")).isEqualTo("embstr");
            assertThat(client.call("OBJECT", "ENCODING", "other")).isEqualTo(NO_KEY);
        }
    }

    @Test
    void oneKeyOutOfBoundsIsEnoughAndNothingIsSentThen() throws IOException {
        try (RespClient ops = as("ops", "root");
                RespClient client = as("app", "secret")) {
            ops.call("MSET", "cache:a", "1", "cache:b", "2", "private", "3");

            assertThat(client.call("MGET", "cache:a", "cache:b")).isEqualTo(List.of("1", "2"));
            assertThat(client.call("MGET", "cache:a", "private", "cache:b")).isEqualTo(NO_KEY);
            assertThat(client.call("DEL", "cache:a", "private")).isEqualTo(NO_KEY);
            assertThat(client.call("MSET", "cache:a", "9", "private", "9")).isEqualTo(NO_KEY);
            assertThat(ops.call("MGET", "cache:a", "cache:b", "private")).isEqualTo(List.of("1", "2", "3"));
        }
    }

    @Test
    void repliesKeepTheirOrderBetweenRefusals() throws IOException {
        try (RespClient client = as("app", "secret")) {
            List<@Nullable Object> expected = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                boolean allowed = i % 3 != 0;
                client.send("SET", (allowed ? "cache:o" : "o") + i, "v");
                expected.add(allowed ? "OK" : NO_KEY);
            }
            List<@Nullable Object> replies = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                replies.add(client.receive());
            }

            assertThat(replies).isEqualTo(expected);
        }
    }

    @Test
    void scriptsAreRunForWhomARuleNamesThem() throws IOException {
        try (RespClient wide = as("wide", "w");
                RespClient scripts = as("scripts", "s");
                RespClient ops = as("ops", "root")) {
            assertThat(ops.call("EVAL", "return 1", "1", "any")).isEqualTo(1L);
            assertThat(scripts.call("EVAL", "return 1", "1", "cache:1")).isEqualTo(1L);
            assertThat(scripts.call("EVAL", "return 1", "1", "any")).isEqualTo(NO_KEY);
            assertThat(wide.call("EVAL", "return 1", "1", "cache:1")).isEqualTo(noRun("eval"));
        }
    }

    // ---- ACL

    @Test
    void aclShowsUsersToThoseWhoMayAsk() throws IOException {
        try (RespClient ops = as("ops", "root")) {
            assertThat(ops.call("ACL", "USERS"))
                    .isEqualTo(List.of("app", "default", "ops", "reader", "scripts", "wide"));
            assertThat(String.valueOf(ops.call("ACL", "LIST")))
                    .contains("user app on #", "~cache:*", "user default off")
                    .doesNotContain("secret");
            assertThat(String.valueOf(ops.call("ACL", "GETUSER", "reader")))
                    .contains("flags, [on]", "keys, %R~*", "commands, -@all +@read +ping");
            assertThat(ops.call("ACL", "GETUSER", "nobody")).isNull();
            assertThat(ops.call("ACL", "DRYRUN", "app", "GET", "cache:1")).isEqualTo("OK");
            assertThat(ops.call("ACL", "DRYRUN", "app", "GET", "x"))
                    .isEqualTo("This user has no permissions to access the 'x' key");
            assertThat(ops.call("ACL", "DRYRUN", "app", "FLUSHALL"))
                    .isEqualTo("This user has no permissions to run the 'flushall' command");
            assertThat(ops.call("ACL", "SETUSER", "app", "nopass"))
                    .asString()
                    .contains("'acl|setuser' is not served by this proxy", "configuration file");
        }
    }

    @Test
    void pagesShowNamesAndNoRulesNorPasswords() throws Exception {
        String config = AdminClient.get(proxy.adminPort(), "/config").body();

        assertThat(config).contains("\"users\"", "\"reader\"", "\"server_user\": \"proxy\"");
        assertThat(config).doesNotContain("cache:", "secret", "backend-word", "root");
    }

    // ---- new rules

    @Test
    void newRulesCountForTheNextRequestAndWhoIsGoneIsClosed() throws IOException {
        AccessHolder access = changing.proxy().access("alpha").orElseThrow();
        try (RespClient app = as(changing, "app", "secret");
                RespClient reader = as(changing, "reader", "r1");
                RespClient ops = as(changing, "ops", "root");
                RespClient stranger = changing.connect()) {
            assertThat(app.call("SET", "cache:n", "1")).isEqualTo("OK");
            assertThat(stranger.call("GET", "cache:n")).isEqualTo(NO_AUTH);

            access.replace(RunningProxy.rules(
                    List.of("default on nopass ~public:* +get", "app on >other ~new:* +@all", "ops on >root +ping")));

            await().atMost(Duration.ofSeconds(30)) // the event loop has been told, and may be busy
                    .untilAsserted(
                            () -> assertThat(app.call("SET", "cache:n", "2")).isEqualTo(NO_KEY));
            assertThat(app.call("SET", "new:n", "2")).isEqualTo("OK");
            assertThat(ops.call("GET", "cache:n")).isEqualTo(noRun("get"));
            assertThat(stranger.call("GET", "public:n")).isNull();
            assertThat(stranger.call("GET", "cache:n")).isEqualTo(NO_KEY);
            assertThatThrownBy(() -> reader.call("GET", "cache:n")).isInstanceOf(IOException.class);
        } finally {
            access.replace(RunningProxy.rules(USERS));
        }
    }

    private static RespError noRun(String command) {
        String text = "NOPERM this user has no permissions to run the '" + command + "' command";
        return new RespError(
                command.equals("eval")
                        ? text + ": behind the proxy a script has the proxy's own rights, so a rule must name it"
                                + " (+eval, +@scripting)"
                        : text);
    }

    private static RespClient as(String user, String password) throws IOException {
        return as(proxy, user, password);
    }

    private static RespClient as(RunningProxy running, String user, String password) throws IOException {
        RespClient client = running.connect();
        Object reply = client.call("AUTH", user, password);
        if (!"OK".equals(reply)) {
            client.close();
            throw new IOException(Arrays.toString(new Object[] {user, reply}));
        }
        return client;
    }
}
