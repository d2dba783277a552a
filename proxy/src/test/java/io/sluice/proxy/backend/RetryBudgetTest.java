package io.sluice.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetryBudgetTest {

    @Test
    void thereAreAFewAtFirst() {
        RetryBudget budget = new RetryBudget(10);

        assertThat(budget.take(RetryBudget.AT_FIRST, 0)).isTrue();
        assertThat(budget.take(1, 0)).isFalse();
    }

    @Test
    void requestsEarnTheirShare() {
        RetryBudget budget = new RetryBudget(10);
        budget.take(RetryBudget.AT_FIRST, 0);

        assertThat(budget.take(11, 100)).isFalse();
        assertThat(budget.take(10, 100)).isTrue();
        assertThat(budget.take(1, 100)).isFalse(); // the same requests earn nothing twice
        assertThat(budget.take(1, 110)).isTrue();
    }

    @Test
    void noMoreThanTheBoundCanBeSavedUp() {
        RetryBudget budget = new RetryBudget(100);

        assertThat(budget.take(RetryBudget.MOST + 1, 1_000_000)).isFalse();
        assertThat(budget.take(RetryBudget.MOST, 1_000_000)).isTrue();
    }

    @Test
    void withoutAShareThereIsNone() {
        assertThat(new RetryBudget(0).take(1, 1_000_000)).isFalse();
    }
}
