package io.sluice.launcher.mutations;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A method or a test that gets another name would leave its mutation without effect. */
class MutationsTest {

    static final List<Mutation> ALL = Mutations.ALL;

    @ParameterizedTest
    @FieldSource("ALL")
    void findsItsMethodAndItsTests(Mutation mutation) {
        Method target = mutation.target();
        Method replacement = mutation.replacement();
        assertThat(target.getReturnType()).isAssignableFrom(replacement.getReturnType());
        assertThat(Stream.of(mutation.testsAtOnce(), mutation.testsAmongServers())
                        .flatMap(List::stream))
                .isNotEmpty();
    }

    @Test
    void everyOneIsAnother() {
        assertThat(ALL).extracting(Mutation::name).doesNotHaveDuplicates();
        List<String> places = new ArrayList<>(ALL.stream().map(Mutation::place).toList());
        assertThat(places).doesNotHaveDuplicates();
    }
}
