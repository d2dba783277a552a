package io.sluice.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetryBudgetTest {

    @Test
    void thereAreAFewAtFirst() {
        RetryBudget budget = new RetryBudget();

        assertThat(budget.take(RetryBudget.AT_FIRST, 0, 10)).isTrue();
        assertThat(budget.take(1, 0, 10)).isFalse();
    }

    @Test
    void requestsEarnTheirShare() {
        RetryBudget budget = new RetryBudget();
        budget.take(RetryBudget.AT_FIRST, 0, 10);

        assertThat(budget.take(11, 100, 10)).isFalse();
        assertThat(budget.take(10, 100, 10)).isTrue();
        assertThat(budget.take(1, 100, 10)).isFalse(); // the same requests earn nothing twice
        assertThat(budget.take(1, 110, 10)).isTrue();
    }

    @Test
    void noMoreThanTheBoundCanBeSavedUp() {
        RetryBudget budget = new RetryBudget();

        assertThat(budget.take(RetryBudget.MOST + 1, 1_000_000, 100)).isFalse();
        assertThat(budget.take(RetryBudget.MOST, 1_000_000, 100)).isTrue();
    }

    @Test
    void serversThatGoWithTheirCountsTakeNothingAway() {
        RetryBudget budget = new RetryBudget();
        budget.take(1, 1_000, 10);

        assertThat(budget.take(100, 10, 10)).isTrue();
    }

    @Test
    void withoutAShareThereIsNone() {
        assertThat(new RetryBudget().take(1, 1_000_000, 0)).isFalse();
    }
}
