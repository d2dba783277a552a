package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.Handling;
import io.sluice.proxy.command.TextArguments;
import io.sluice.proxy.protocol.resp.RedisCommands;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The same users in the proxy and in a plain Redis: both must allow the same, and refuse in the same words. The users
 * are examples of Redis' own and random ones; {@code -Dsluice.seed=N} repeats a run.
 */
class AccessDifferentialIT {

    private static final Logger log = LoggerFactory.getLogger(AccessDifferentialIT.class);
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());
    private static final int RANDOM_USERS = 150;
    private static final int ADMIN_USERS = 25;
    private static final int REQUESTS_OF_EACH = 60;
    private static final String PASSWORD = "p4ss";

    /** From Redis' documentation of access control lists, and corners of their syntax. */
    private static final List<String> EXAMPLES = List.of(
            "~cache:* +@read",
            "+@read ~cache:*",
            "~cached:* +get",
            "allkeys +@all -@dangerous",
            "~* +@all -@admin -@dangerous",
            "+@all -@all +get ~*",
            "+client -client|setname ~*",
            "+client|id -client +client|setname ~*",
            "%R~cache:* %W~queue:* +@all",
            "%RW~cache:* +@all -@write",
            "+GET allkeys",
            "+SET ~obj* (+GET ~key*)",
            "(%R~a* +@all) (%W~b* +@all)",
            "+select|0 +ping|hi ~*",
            "-select +select|0 +select ~*",
            "+@slow ~*",
            "+@fast -@slow +@keyspace ~c*",
            "+@string +@hash -hget ~[ab]*",
            "~k[^0-4] ~\\*star ~?x +@all",
            "allcommands ~cache:* resetkeys ~b*",
            "resetchannels +@all nocommands +mget ~a* ~b*",
            "+@all ~a* clearselectors (~b* +get)",
            "nocommands allkeys",
            "reset on +get ~*",
            "+sort +sort_ro ~l*",
            "+sort +sort_ro ~l* %R~*");

    @RegisterExtension
    static final RedisServer plain = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer behind = RedisServer.onFreePort();

    private static final List<String> RULES = rules();

    @AutoClose
    static final RunningProxy proxy = RunningProxy.overPorts(behind.port()).users(users());

    private final Random random = new Random(SEED);
    private final List<String> differences = new ArrayList<>();
    private int allowed;
    private int refused;

    private static List<String> rules() {
        Random random = new Random(SEED);
        List<String> rules = new ArrayList<>(EXAMPLES);
        for (int i = 0; i < RANDOM_USERS; i++) {
            rules.add(RandomRules.next(random));
        }
        return rules;
    }

    private static List<String> users() {
        List<String> users = new ArrayList<>();
        for (int i = 0; i < RULES.size(); i++) {
            users.add("u" + i + " on " + RULES.get(i) + " on >" + PASSWORD);
        }
        return users;
    }

    @BeforeAll
    static void start() throws ProxyStartException, IOException {
        log.warn("Random rules: seed={} (repeat with -Dsluice.seed)", SEED);
        try (RespClient client = plain.connect()) {
            for (String user : users()) {
                List<String> words = new ArrayList<>(List.of("ACL", "SETUSER"));
                words.addAll(List.of(user.split(" ", -1)));
                assertThat(client.call(words.toArray(String[]::new))).as(user).isEqualTo("OK");
            }
        }
        proxy.start();
    }

    @Test
    void everyRequestOfEveryUserIsAnsweredAlike() throws IOException {
        for (int i = 0; i < RULES.size(); i++) {
            try (RespClient ours = proxy.connect();
                    RespClient theirs = plain.connect()) {
                assertThat(ours.call("AUTH", "u" + i, PASSWORD)).isEqualTo("OK");
                assertThat(theirs.call("AUTH", "u" + i, PASSWORD)).isEqualTo("OK");
                List<String[]> requests = requests();
                for (String[] request : requests) {
                    ours.send(request);
                    theirs.send(request);
                }
                for (String[] request : requests) {
                    compare("u" + i + " " + RULES.get(i), request, ours.receive(), theirs.receive());
                }
            }
        }

        assertThat(differences).as("seed=%d", SEED).isEmpty();
        log.warn("Requests, all answered alike: allowed={} refused={}", allowed, refused);
        assertThat(allowed).isGreaterThan(1000);
        assertThat(refused).isGreaterThan(1000);
    }

    private List<String[]> requests() {
        List<String[]> requests = new ArrayList<>();
        for (int i = 0; i < REQUESTS_OF_EACH; i++) {
            requests.add(RandomRules.request(random).split(" ", -1));
        }
        return requests;
    }

    /** What the proxy does not serve it refuses in words of its own, but only to those who may ask. */
    private void compare(String user, String[] request, @Nullable Object ours, @Nullable Object theirs) {
        Command command = command(request);
        boolean mustBeEqual = isRefusal(theirs) || isServed(command, ours);
        boolean isEqual = Objects.equals(ours, theirs) || isAboutScripts(command, ours);
        boolean same = mustBeEqual ? isEqual : !isRefusal(ours);
        if (!same) {
            differences.add(user + " | " + String.join(" ", request) + " | ours=" + ours + " | theirs=" + theirs);
        } else if (isRefusal(theirs)) {
            refused++;
        } else {
            allowed++;
        }
    }

    private static boolean isServed(Command command, @Nullable Object ours) {
        boolean isForwarded =
                command.handling() == Handling.FORWARD || command.step().isForwarded();
        return isForwarded && !String.valueOf(ours).contains("by this proxy");
    }

    /** The one rule that differs: a script behind the proxy is checked by nobody. */
    private static boolean isAboutScripts(Command command, @Nullable Object ours) {
        return command.runsScript() && String.valueOf(ours).contains("a rule must name it");
    }

    private static boolean isRefusal(@Nullable Object reply) {
        return reply instanceof RespError error && error.toString().contains("NOPERM");
    }

    private static Command command(String... request) {
        return Objects.requireNonNull(RedisCommands.TABLE.find(TextArguments.of(request)));
    }

    // ---- every command there is

    @Test
    void everyCommandIsAllowedToTheSameUsers() throws IOException {
        int compared = 0;
        try (RespClient ours = proxy.connect();
                RespClient theirs = plain.connect()) {
            for (int i = 0; i < EXAMPLES.size() + ADMIN_USERS; i++) {
                List<String[]> asked = new ArrayList<>();
                for (Command command : comparedCommands()) {
                    String[] request = dryRun("u" + i, command);
                    ours.send(request);
                    theirs.send(request);
                    asked.add(request);
                }
                for (String[] request : asked) {
                    compared += compareDryRun(RULES.get(i), request, ours.receive(), theirs.receive());
                }
            }
        }

        assertThat(differences).as("seed=%d", SEED).isEmpty();
        assertThat(compared).isGreaterThan(10_000);
    }

    /**
     * All but those about channels, of which the proxy serves none whatever the rules say; MIGRATE, which it does not
     * serve either; and PFMERGE, since Redis 7.0 finds no key in one that has a destination only.
     */
    private static List<Command> comparedCommands() {
        return RedisCommands.TABLE.commands().stream()
                .filter(command -> !command.flags().contains("pubsub"))
                .filter(command -> !List.of("migrate", "pfmerge").contains(command.name()))
                .toList();
    }

    private int compareDryRun(String rules, String[] request, @Nullable Object ours, @Nullable Object theirs) {
        boolean known = !String.valueOf(theirs).contains("not found"); // else newer than the server
        if (known && !Objects.equals(ours, theirs) && !String.valueOf(ours).contains("a rule must name it")) {
            differences.add(rules + " | " + String.join(" ", request) + " | ours=" + ours + " | theirs=" + theirs);
        }
        return known ? 1 : 0;
    }

    /** Enough arguments, all of them the same word; a key where one is expected. */
    private String[] dryRun(String user, Command command) {
        String key = RandomRules.key(random);
        Stream<String> name = Arrays.stream(command.name().split("\\|", -1));
        List<String> words = new ArrayList<>(List.of("ACL", "DRYRUN", user));
        name.forEach(words::add);
        int arguments = Math.abs(command.arity());
        while (words.size() - 3 < arguments) {
            words.add(key);
        }
        return words.toArray(String[]::new);
    }

    @Test
    void categoriesAreThoseOfTheServer() throws IOException {
        try (RespClient ours = proxy.connect();
                RespClient theirs = plain.connect()) {
            assertThat(ours.call("ACL", "CAT")).isEqualTo(theirs.call("ACL", "CAT"));
            Set<String> known = new TreeSet<>();
            for (Object category : (List<?>) Objects.requireNonNull(theirs.call("ACL", "CAT"))) {
                known.addAll(inCategory(theirs, String.valueOf(category)));
            }
            for (Object category : (List<?>) Objects.requireNonNull(theirs.call("ACL", "CAT"))) {
                Set<String> listed = inCategory(ours, String.valueOf(category));
                listed.retainAll(known); // those of newer servers are left out
                assertThat(listed).as("%s", category).isEqualTo(inCategory(theirs, String.valueOf(category)));
            }
            assertThat(ours.call("ACL", "CAT", "nosuch")).isEqualTo(theirs.call("ACL", "CAT", "nosuch"));
            assertThat(ours.call("ACL", "CAT", "a", "b")).isEqualTo(theirs.call("ACL", "CAT", "a", "b"));
        }
    }

    private static Set<String> inCategory(RespClient client, String category) throws IOException {
        Set<String> names = new TreeSet<>();
        Object reply = client.call("ACL", "CAT", category);
        ((List<?>) Objects.requireNonNull(reply)).forEach(name -> names.add(String.valueOf(name)));
        return names;
    }

    // ---- logins

    @Test
    void loginsAreAnsweredAlike() throws IOException {
        List<String> requests = List.of(
                "AUTH u0 " + PASSWORD,
                "AUTH u0 wrong",
                "AUTH nobody wrong",
                "AUTH wrong",
                "AUTH default anything",
                "AUTH a b c",
                "AUTH",
                "HELLO 2 AUTH u0 wrong",
                "HELLO 2 AUTH nobody " + PASSWORD,
                "ACL WHOAMI",
                "ACL DRYRUN nobody GET a",
                "ACL DRYRUN u0 NOSUCH a",
                "ACL DRYRUN u0 GET",
                "ACL GETUSER nobody");
        for (String request : requests) {
            try (RespClient ours = proxy.connect();
                    RespClient theirs = plain.connect()) {
                assertThat(ours.call(request.split(" ", -1)))
                        .as(request)
                        .isEqualTo(theirs.call(request.split(" ", -1)));
            }
        }
    }
}
