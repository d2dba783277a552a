package io.sluice.proxy.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmissionTest {

    private static final long START = Long.MAX_VALUE - 1_000; // the clock may wrap around
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private static InetAddress address(String text) throws UnknownHostException {
        return InetAddress.getByName(text);
    }

    // ---- clients

    @Test
    void withoutLimitsEverybodyComesInAndNoAddressIsKept() throws Exception {
        Admission admission = new Admission(AdmissionRule.NO_LIMIT);

        for (int i = 0; i < 1_000; i++) {
            assertThat(admission.enter(address("192.0.2.1"))).isNull();
        }

        assertThat(admission.clients()).isEqualTo(1_000);
        assertThat(admission.addresses()).isZero();
        assertThat(admission.rate()).isNull();
    }

    @Test
    void atTheLimitOfThePoolTheNextIsRefusedUntilOneLeaves() {
        Admission admission = new Admission(new AdmissionRule(2, 0, 0, 0, 0, null));

        assertThat(admission.enter(null)).isNull();
        assertThat(admission.enter(null)).isNull();
        assertThat(admission.enter(null)).isEqualTo(Refusal.POOL_FULL);
        admission.leave(null);

        assertThat(admission.enter(null)).isNull();
        assertThat(admission.clients()).isEqualTo(2);
    }

    @Test
    void atTheLimitOfAnAddressOthersStillComeIn() throws Exception {
        Admission admission = new Admission(new AdmissionRule(0, 1, 0, 0, 0, null));

        assertThat(admission.enter(address("192.0.2.1"))).isNull();
        assertThat(admission.enter(address("192.0.2.1"))).isEqualTo(Refusal.ADDRESS_FULL);
        assertThat(admission.enter(address("2001:db8::1"))).isNull();
        assertThat(admission.enter(null)).isNull();
        admission.leave(address("192.0.2.1"));

        assertThat(admission.enter(address("192.0.2.1"))).isNull();
        assertThat(admission.clients()).isEqualTo(3);
    }

    @Test
    void addressesNobodyComesFromAreForgotten() throws Exception {
        Admission admission = new Admission(new AdmissionRule(0, 2, 0, 0, 0, null));
        for (int i = 0; i < 500; i++) {
            InetAddress source = address("10.0." + i / 250 + "." + i % 250);
            admission.enter(source);
            admission.leave(source);
        }

        assertThat(admission.addresses()).isZero();
        assertThat(admission.clients()).isZero();
    }

    @Test
    void manyThreadsNeverLetInMoreThanTheLimit() throws Exception {
        Admission admission = new Admission(new AdmissionRule(0, 5, 0, 0, 0, null));
        InetAddress source = address("192.0.2.1");
        List<Thread> threads = new ArrayList<>();
        List<Integer> most = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger inside = new AtomicInteger();
        for (int i = 0; i < 4; i++) {
            threads.add(new Thread(() -> {
                for (int round = 0; round < 20_000; round++) {
                    if (admission.enter(source) == null) {
                        most.add(inside.incrementAndGet());
                        inside.decrementAndGet();
                        admission.leave(source);
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(most).isNotEmpty().allSatisfy(count -> assertThat(count).isLessThanOrEqualTo(5));
        assertThat(admission.addresses()).isZero();
    }

    // ---- requests

    @Test
    void requestsAreCountedUntilTheyLeave() {
        Admission admission = new Admission(new AdmissionRule(0, 0, 0, 0, 2, null));

        assertThat(admission.enterRequest()).isTrue();
        assertThat(admission.enterRequest()).isTrue();
        assertThat(admission.enterRequest()).isFalse();
        admission.leaveRequest();

        assertThat(admission.enterRequest()).isTrue();
        assertThat(admission.requestsInFlight()).isEqualTo(2);
    }

    @Test
    void clientsThatCameUnderALimitMayGoOnWhenThereIsNoneAnyMore() {
        Admission admission = new Admission(new AdmissionRule(0, 0, 0, 0, 1, null));
        assertThat(admission.enterRequest()).isTrue();

        admission.use(AdmissionRule.NO_LIMIT);

        assertThat(admission.enterRequest()).isTrue();
        admission.use(new AdmissionRule(0, 0, 0, 0, 2, null));
        assertThat(admission.enterRequest()).isFalse();
    }

    // ---- how fast

    @Test
    void aBurstIsTakenAtOnceAndThenOneForEachInterval() {
        AcceptRate rate = new AcceptRate(10, 3, START);

        assertThat(taken(rate, START, 5)).isEqualTo(3);
        assertThat(taken(rate, START + 99 * MILLI, 1)).isZero();
        assertThat(taken(rate, START + 100 * MILLI, 2)).isEqualTo(1);
        assertThat(taken(rate, START + 350 * MILLI, 5)).isEqualTo(2);
    }

    @Test
    void aLongSilenceGivesNoMoreThanOneBurst() {
        AcceptRate rate = new AcceptRate(10, 3, START);

        assertThat(taken(rate, START + 3_600_000 * MILLI, 10)).isEqualTo(3);
    }

    @Test
    void overALongTimeTheRateIsKept() {
        AcceptRate rate = new AcceptRate(100, 1, START);
        int taken = 0;
        for (int i = 0; i < 10_000; i++) {
            taken += taken(rate, START + i * MILLI, 1);
        }

        assertThat(taken).isEqualTo(1_000);
    }

    private static int taken(AcceptRate rate, long now, int tries) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += rate.take(now) ? 1 : 0;
        }
        return taken;
    }

    // ---- the log

    @Test
    void oneLineStandsForAllThatHappenedSinceTheLast() {
        SeldomLog log = new SeldomLog(START);
        List<Long> said = new ArrayList<>();

        log.say(START, said::add);
        for (int i = 0; i < 99; i++) {
            log.say(START + 9_999 * MILLI, said::add);
        }
        log.say(START + 10_000 * MILLI, said::add);

        assertThat(said).containsExactly(1L, 100L);
    }

    // ---- addresses

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0, 8, 10.255.255.255, true",
        "10.0.0.0, 8, 11.0.0.0, false",
        "192.0.2.128, 25, 192.0.2.255, true",
        "192.0.2.128, 25, 192.0.2.127, false",
        "192.0.2.7, 32, 192.0.2.7, true",
        "192.0.2.7, 32, 192.0.2.6, false",
        "0.0.0.0, 0, 203.0.113.9, true",
        "0.0.0.0, 0, 2001:db8::1, false",
        "2001:db8::, 33, 2001:db8:7fff::1, true",
        "2001:db8::, 33, 2001:db8:8000::1, false",
    })
    void aRangeIsAllAddressesThatBeginWithTheSameBits(String first, int bits, String address, boolean isIn)
            throws Exception {
        assertThat(new AddressRange(address(first), bits).contains(address(address)))
                .isEqualTo(isIn);
    }

    @Test
    void noAddressHasMoreBitsThanItHas() throws Exception {
        InetAddress first = address("10.0.0.0");

        assertThatThrownBy(() -> new AddressRange(first, 33)).isInstanceOf(IllegalArgumentException.class);
    }
}
