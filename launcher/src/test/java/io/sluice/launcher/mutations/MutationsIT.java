package io.sluice.launcher.mutations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever check of a move is switched off, tests fail; and they do not when it is on. */
class MutationsIT {

    static Stream<Mutation> atOnce() {
        return Mutations.ALL.stream().filter(mutation -> !mutation.atOnce().isEmpty());
    }

    static Stream<Mutation> amongServers() {
        return Mutations.ALL.stream()
                .filter(mutation -> !mutation.amongServers().isEmpty());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("atOnce")
    void isMissed(Mutation mutation) {
        assertNoticed(mutation, mutation.testsAtOnce());
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}")
    @MethodSource("amongServers")
    void isMissedAmongServers(Mutation mutation) {
        assertNoticed(mutation, mutation.testsAmongServers());
    }

    /** Each of the tests, so that none stands there in vain. */
    private static void assertNoticed(Mutation mutation, List<Method> tests) {
        tests.forEach(MutationsIT::assertGreen);
        tests.forEach(test -> assertRed(mutation, test));
        assertGreen(tests.get(0)); // all is as it was
    }

    private static void assertGreen(Method test) {
        TestRun run = TestRun.of(List.of(test));
        assumeThat(run.skipped()).as("what %s needs is missing", test).isZero();
        assertThat(run.red()).isEmpty();
        assertThat(run.green()).isPositive();
    }

    private static void assertRed(Mutation mutation, Method test) {
        TestRun run;
        long calls;
        try (SwitchedOff off = SwitchedOff.begin(mutation)) {
            run = TestRun.of(List.of(test));
            calls = off.calls();
        }
        String red = run.red().stream().map(String::valueOf).collect(Collectors.joining("; "));
        System.out.printf(
                "FIGURE without: %s | %s | %.1f s, %d calls | %s%n",
                mutation,
                test.getDeclaringClass().getSimpleName() + "." + test.getName(),
                run.took().toMillis() / 1e3,
                calls,
                red);
        assertThat(calls).as("the check is made").isPositive();
        assertThat(run.red()).as("those that fail").isNotEmpty().noneMatch(TestRun.Failed::isOfTheMutation);
    }
}
