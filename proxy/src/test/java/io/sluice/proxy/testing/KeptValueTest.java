package io.sluice.proxy.testing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Those who judge the proxy in a storm must notice what is wrong, and nothing else. */
class KeptValueTest {

    private final KeptValue value = new KeptValue("client1", "key");
    private final KeptCounter counter = new KeptCounter("counter");

    @Test
    void theLastAcknowledgedValueIsRightAndAnEarlierOneIsLost() {
        long first = value.next();
        value.written(first);
        long second = value.next();
        value.written(second);

        value.found(value.text(second));
        assertThatThrownBy(() -> value.found(value.text(first)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("acknowledged is 2");
        assertThatThrownBy(() -> value.found(null)).isInstanceOf(AssertionError.class);
    }

    @Test
    void aWriteOfUnknownFateMayBeThereOrNotUntilOneOfBothWasSeen() {
        long first = value.next();
        value.written(first);
        long second = value.next();
        value.perhapsWritten(second);

        value.found(value.text(first));
        value.found(value.text(second));
        assertThatThrownBy(() -> value.found(value.text(first))).isInstanceOf(AssertionError.class);
    }

    @Test
    void aWriteThatFailedForCertainIsNeverThere() {
        long first = value.next();

        value.found(null);
        assertThatThrownBy(() -> value.found(value.text(first))).isInstanceOf(AssertionError.class);
    }

    @Test
    void theValueOfAnotherClientIsNoticed() {
        KeptValue other = new KeptValue("client2", "key");
        long number = other.next();

        assertThatThrownBy(() -> value.found(other.text(number)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("not its own");
    }

    @Test
    void aCounterRaisedTwiceForOneRequestIsNoticed() {
        counter.raised(1L);
        counter.perhapsRaised();

        assertThatThrownBy(() -> counter.raised(4L)).isInstanceOf(AssertionError.class);
        counter.raised(3L);
        assertThatThrownBy(() -> counter.found("2")).isInstanceOf(AssertionError.class);
        counter.found("3");
    }

    @Test
    void anErrorMustSayWhoAndWhy() {
        assertThatCode(() -> ErrorReason.of("ERR Connection timed out: server=server0 waited=2003ms"))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> ErrorReason.of("ERR Connection timed out")).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> ErrorReason.of("ERR Internal error of the proxy: oh"))
                .isInstanceOf(AssertionError.class);
    }
}
