package io.sluice.proxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionStateTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "cart", "name with späces\n"})
    void anotherProcessKnowsAllThatThisOneKnew(String name) {
        SessionState state = new SessionState(7, false);
        state.setAuthenticated(true);
        state.setClientName(name);

        SessionState restored = SessionState.restored(7, state.carried());

        assertThat(state.carried()).doesNotContainAnyWhitespaces();
        assertThat(restored.id()).isEqualTo(7);
        assertThat(restored.isAuthenticated()).isTrue();
        assertThat(restored.clientName()).isEqualTo(name);
        assertThat(SessionState.restored(8, new SessionState(8, false).carried())
                        .isAuthenticated())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1", ":", "1%%:", "1:%%", "2YQ==:YQ=="})
    void whatIsNoStateIsRefused(String carried) {
        assertThatThrownBy(() -> SessionState.restored(1, carried)).isInstanceOf(IllegalArgumentException.class);
    }
}
