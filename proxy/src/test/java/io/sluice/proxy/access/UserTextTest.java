package io.sluice.proxy.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.TextArguments;
import io.sluice.proxy.protocol.resp.RedisCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserTextTest {

    private static final String HASH = PasswordHash.of("secret").hex();

    @Test
    void rulesAreAppliedFromLeftToRight() {
        User user = user("app on >secret +@all -@hash +hget ~a ~b resetkeys ~c");

        assertThat(verdict(user, "SET c 1")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "HGET c f")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "HSET c f v")).isEqualTo(Verdict.COMMAND);
        assertThat(verdict(user, "SET a 1")).isEqualTo(1);
    }

    @Test
    void aPasswordInParenthesesIsNotTold() {
        List<String> problems = new ArrayList<>();

        UserText.parse("app on >x (~a +get >secret) (~a secret) (~a +gett)", RedisCommands.GROUPS, problems::add);

        assertThat(problems).hasSize(3).noneMatch(problem -> problem.contains("secret"));
        assertThat(problems.get(0)).startsWith("rule 3 of user 'app': in parentheses: syntax error");
        assertThat(problems.get(2)).contains("'(~a +gett)'", "in parentheses: '+gett': unknown command");
    }

    @Test
    void resetTakesEverythingBack() {
        User user = user("app on >secret +@all allkeys (+get ~x) reset");

        assertThat(user.isEnabled()).isFalse();
        assertThat(user.passwords()).isEmpty();
        assertThat(user.selectors()).hasSize(1);
        assertThat(verdict(user, "GET x")).isEqualTo(Verdict.COMMAND);
    }

    @Test
    void allKeysAndAllCommandsTogetherAreNoLimitAtAll() {
        assertThat(user("app on nopass allkeys allcommands").isUnrestricted()).isTrue();
        assertThat(user("app on nopass ~* +@all").isUnrestricted()).isTrue();
        assertThat(user("app on nopass ~* +@all -get").isUnrestricted()).isFalse();
        assertThat(user("app on nopass ~a* +@all").isUnrestricted()).isFalse();
        assertThat(user("app on nopass +get (~* +@all)").isUnrestricted()).isTrue();
    }

    @Test
    void aKeyOfSeveralThatIsOutOfBoundsIsTold() {
        User user = user("app on nopass +@all ~a*");

        assertThat(verdict(user, "MGET a1 a2 b a3")).isEqualTo(3);
        assertThat(verdict(user, "MSET a1 1 a2 2")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "MSET a1 1 b 2")).isEqualTo(3);
        assertThat(verdict(user, "DEL a1 b")).isEqualTo(2);
        assertThat(verdict(user, "ZUNIONSTORE b 2 a1 a2")).isEqualTo(1);
    }

    @Test
    void readingAndWritingMayBeAllowedApart() {
        User user = user("app on nopass +@all %R~r* %W~w* %RW~b*");

        assertThat(verdict(user, "GET r")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "SET r 1")).isEqualTo(1);
        assertThat(verdict(user, "SET w 1")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "SET w 1 GET")).isEqualTo(1);
        assertThat(verdict(user, "INCR w")).isEqualTo(1);
        assertThat(verdict(user, "INCR b")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "COPY r w")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "COPY w r")).isPositive();
        assertThat(verdict(user, "EXISTS r w")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "BITFIELD r GET u8 0")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "BITFIELD r GET u8 0 SET u8 0 1")).isEqualTo(1);
    }

    @Test
    void aRequestMustFindAllItNeedsInOneSelector() {
        User user = user("app on nopass +get ~a* (+set ~b*)");

        assertThat(verdict(user, "GET a")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "SET b 1")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "SET a 1")).isEqualTo(1);
        assertThat(verdict(user, "GET b")).isEqualTo(1);
        assertThat(verdict(user, "DEL a")).isEqualTo(Verdict.COMMAND);
    }

    @Test
    void subcommandsAreCommandsOfTheirOwn() {
        User user = user("app on nopass ~* +object -object|freq +memory|usage");

        assertThat(verdict(user, "OBJECT ENCODING a")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "OBJECT FREQ a")).isEqualTo(Verdict.COMMAND);
        assertThat(verdict(user, "MEMORY USAGE a")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "MEMORY STATS")).isEqualTo(Verdict.COMMAND);
    }

    @Test
    void aFirstArgumentMayBeAllowedAlone() {
        User user = user("app on nopass ~* +select|0 +PING|Hello");

        assertThat(verdict(user, "SELECT 0")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "SELECT 1")).isEqualTo(Verdict.COMMAND);
        assertThat(verdict(user, "PING HELLO")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "PING")).isEqualTo(Verdict.COMMAND);
    }

    @Test
    void loggingInIsForEverybody() {
        User user = user("app on nopass");

        assertThat(verdict(user, "AUTH x")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "HELLO")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "QUIT")).isEqualTo(Verdict.ALLOWED);
        assertThat(verdict(user, "PING")).isEqualTo(Verdict.COMMAND);
    }

    /** A script on the server is nobody's but the proxy's. */
    @ParameterizedTest
    @CsvSource({
        "+@all ~a*, -2",
        "+@all -@dangerous ~*, -2",
        "allcommands ~a* -@scripting +@slow, -2",
        "+@all ~a* +eval, 0",
        "+@scripting ~a*, 0",
        "+@all ~a* +@scripting -eval, -1",
        "+@all ~a* +eval -@scripting +@all, -2",
        "+@all ~*, 0"
    })
    void aUserWithLimitsRunsScriptsOnlyWhereARuleNamesThem(String rules, int verdict) {
        assertThat(verdict(user("app on nopass " + rules), "EVAL x 1 a")).isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource({
        "~l*, SORT l, 0",
        "~l*, SORT l BY w_*, -3",
        "~l*, SORT l BY nosort, 0",
        "~l*, SORT l GET #, -4",
        "~l*, SORT l LIMIT 0 1 GET x, -4",
        "~l*, SORT l STORE get, 3",
        "~l*, SORT_RO l ALPHA BY *, -3",
        "~*, SORT l BY w_* GET x, 0",
        "~l* %R~*, SORT l BY w_*, 0"
    })
    void aSortReadsKeysItDoesNotNameOnlyForWhomMayReadAll(String keys, String request, int verdict) {
        assertThat(verdict(user("app on nopass +sort +sort_ro " + keys), request))
                .isEqualTo(verdict);
    }

    @Test
    void passwordsMayBeGivenAsTheirHashes() {
        AccessRules rules = AccessRules.of(
                List.of(user("app on #" + HASH + " >other"), user("old on >secret >other <secret")),
                RedisCommands.GROUPS);

        assertThat(rules.login("app", bytes("secret"))).isNotNull();
        assertThat(rules.login("app", bytes("other"))).isNotNull();
        assertThat(rules.login("app", bytes(HASH))).isNull();
        assertThat(rules.login("old", bytes("secret"))).isNull();
        assertThat(rules.login("nobody", bytes("secret"))).isNull();
    }

    @Test
    void whoIsOffCannotLogIn() {
        AccessRules rules = AccessRules.of(List.of(user("app off nopass"), user("default off")), RedisCommands.GROUPS);

        assertThat(rules.login("app", bytes("x"))).isNull();
        assertThat(rules.admitsStrangers()).isFalse();
    }

    @Test
    void withoutRulesForItTheDefaultUserIsThatOfAFreshRedis() {
        AccessRules rules = AccessRules.of(List.of(user("app on >secret +get ~*")), RedisCommands.GROUPS);

        assertThat(rules.admitsStrangers()).isTrue();
        assertThat(rules.defaultUser().isUnrestricted()).isTrue();
    }

    @Test
    void everythingThatIsWrongIsTold() {
        List<String> problems = problems("app on >secret +nosuch ~a +@nope #abc %X~k (+get ~a");

        assertThat(problems).hasSize(5);
        assertThat(problems.get(0)).contains("'+nosuch'", "'app'", "unknown command or category");
        assertThat(problems.get(1)).contains("'+@nope'");
        assertThat(problems.get(2)).contains("rule 6", "64 digits");
        assertThat(problems.get(3)).contains("'%X~k'", "syntax error");
        assertThat(problems.get(4)).contains("'(+get ~a'", "not closed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "app on > hunter2 +get",
                "app on hunter2",
                "app on <hunter2",
                "app on !hunter2",
                "app on #hunter2"
            })
    void aPasswordIsNeverRepeated(String text) {
        assertThat(problems(text)).isNotEmpty().noneMatch(problem -> problem.contains("hunter2"));
        assertThat(user("app on >hunter2").toString()).doesNotContain("hunter2");
        assertThat(user("app on >hunter2").toRules()).doesNotContain("hunter2");
        assertThat(user("app on >hunter2").passwords().toString()).isEqualTo("[(hidden)]");
    }

    @Test
    void aUserWithoutAPasswordIsAMistakeSinceYamlMayHaveTakenItForAComment() {
        assertThat(problems("ops on")).singleElement().asString().contains("nobody can log in", "quotes");
        assertThat(problems("ops off")).isEmpty();
    }

    @Test
    void aLineOfAclListIsReadWithoutItsFirstWord() {
        assertThat(problems("user app on nopass").get(0)).contains("leave out the word 'user'");
        assertThat(problems("app on #" + HASH + " ~* resetchannels -@all +@read (~b -@all +set)"))
                .isEmpty();
    }

    @Test
    void rulesAreShownAsTheyWereGiven() {
        User user = user("app on >secret ~a %R~b &news +@read -KEYS +@read (+set ~w) skip-sanitize-payload");

        assertThat(user.toRules())
                .isEqualTo("user app on #" + HASH + " ~a %R~b resetchannels &news -@all -keys +@read"
                        + " (~w resetchannels -@all +set)");
    }

    @Test
    void thereIsABoundForEverything() {
        assertThat(problems("app on nopass " + "+get ".repeat(UserText.MAX_RULES)))
                .isNotEmpty();
        assertThat(problems("app on nopass " + "+get ".repeat(UserText.MAX_RULES - 2)))
                .isEmpty();
        assertThat(problems("app on nopass ~" + "k".repeat(KeyPattern.MAX_BYTES + 1)))
                .isNotEmpty();
        assertThat(problems("app on nopass ~" + "k".repeat(KeyPattern.MAX_BYTES)))
                .isEmpty();
        assertThat(problems("app on nopass " + "(+get) ".repeat(UserRules.MAX_SELECTORS + 1)))
                .isNotEmpty();
        assertThat(problems("app on nopass " + "(+get) ".repeat(UserRules.MAX_SELECTORS)))
                .isEmpty();
    }

    private static User user(String text) {
        List<String> problems = new ArrayList<>();
        User user = UserText.parse(text, RedisCommands.GROUPS, problems::add).orElse(null);
        assertThat(problems).isEmpty();
        return Objects.requireNonNull(user);
    }

    private static List<String> problems(String text) {
        List<String> problems = new ArrayList<>();
        UserText.parse(text, RedisCommands.GROUPS, problems::add);
        return problems;
    }

    private static int verdict(User user, String request) {
        TextArguments arguments = TextArguments.of(request.split(" ", -1));
        Command command = Objects.requireNonNull(RedisCommands.TABLE.find(arguments));
        return user.verdict(command, arguments, new int[arguments.count()]);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }
}
