package io.sluice.launcher.mutations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.reflect.Method;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

    private static final Set<Method> green = new HashSet<>();

    @ParameterizedTest(name = "{0}")
    @MethodSource("atOnce")
    void isMissed(Mutation mutation) {
        mutation.testsAtOnce().forEach(test -> assertMissedBy(test, mutation));

        mutation.testsAtOnce().forEach(MutationsIT::assertGreen); // all is as it was
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}")
    @MethodSource("amongServers")
    void isMissedAmongServers(Mutation mutation) {
        mutation.testsAmongServers().forEach(test -> assertMissedBy(test, mutation));
    }

    /** Each by itself, so that none stands there in vain. */
    private static void assertMissedBy(Method test, Mutation mutation) {
        if (!green.contains(test)) {
            assertGreen(test);
            green.add(test);
        }
        assertRed(mutation, test);
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
