package io.sluice.manager.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RoundsTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofMillis(1);
    private static final Duration NEVER = Duration.ofDays(1);

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Test
    void roundFollowsRoundUntilTheEnd() throws InterruptedException {
        Rounds rounds = begin(List.of(SOON, SOON, NEVER));
        expect("round", "round", "round");

        rounds.end();

        expect("end");
        assertThat(events).isEmpty();
    }

    @Test
    void anAnswerThatDoesNotComeIsFollowedByAnotherRound() throws InterruptedException {
        Rounds rounds = begin(List.of(new StoreException(Reason.UNAVAILABLE, "no answer"), NEVER));

        expect("round", "round");

        rounds.end();
    }

    @Test
    void aBugIsTakenNoteOfAndFollowedByAnotherRound() throws InterruptedException {
        Rounds rounds = begin(List.of(new IllegalStateException("a bug, as this test wants it"), NEVER));

        expect("round", "bug", "round");

        rounds.end();
    }

    @Test
    void anErrorIsTakenNoteOfAndFollowedByAnotherRound() throws InterruptedException {
        Rounds rounds = begin(List.of(new StackOverflowError("as this test wants it"), NEVER));

        expect("round", "bug", "round");

        rounds.end();
    }

    @Test
    void aBugThatLeadsToAnotherOneIsFollowedByAnotherRound() throws InterruptedException {
        List<Object> outcomes = List.of(new IllegalStateException("a bug, as this test wants it"), NEVER);
        Rounds.Duty duty = new Recorded(outcomes.iterator()) {
            @Override
            public void onBug() {
                super.onBug();
                throw new IllegalStateException("another one");
            }
        };
        Rounds rounds = Rounds.begin("test", duty, SOON, SOON);

        expect("round", "bug", "round");

        rounds.end();
        expect("end");
    }

    @Test
    void whoDoesNotLeadAnyMoreMakesNoOtherRound() throws InterruptedException {
        Rounds rounds = begin(List.of(new StoreException(Reason.NOT_LEADER, "another one"), SOON));

        expect("round", "end");

        rounds.awaitEnd(LIMIT);
        assertThat(events).isEmpty();
    }

    @Test
    void whoHearsOfNewsNeedNotWait() throws InterruptedException {
        Rounds rounds = Rounds.begin(
                "test", new Recorded(List.<Object>of(NEVER, NEVER, NEVER).iterator()) {
                    private int news = 2;

                    @Override
                    public void pause(Duration most) throws InterruptedException {
                        if (news-- == 0) {
                            super.pause(most);
                        }
                    }
                });

        expect("round", "round", "round");

        rounds.end();
        expect("end");
    }

    /** With one of these for each round: how long to wait for the next, or what is thrown. */
    private Rounds begin(List<Object> outcomes) {
        return Rounds.begin("test", new Recorded(List.copyOf(outcomes).iterator()), SOON, SOON);
    }

    private void expect(String... expected) throws InterruptedException {
        for (String event : expected) {
            assertThat(next()).isEqualTo(event);
        }
    }

    private @Nullable String next() throws InterruptedException {
        return events.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Tells what it is asked to do. */
    private class Recorded implements Rounds.Duty {

        private final Iterator<Object> outcomes;

        Recorded(Iterator<Object> outcomes) {
            this.outcomes = outcomes;
        }

        @Override
        public Duration round() throws StoreException {
            events.add("round");
            Object outcome = outcomes.next();
            if (outcome instanceof StoreException refusal) {
                throw refusal;
            }
            if (outcome instanceof RuntimeException bug) {
                throw bug;
            }
            if (outcome instanceof Error error) {
                throw error;
            }
            return (Duration) outcome;
        }

        @Override
        public void onBug() {
            events.add("bug");
        }

        @Override
        public void onEnd() {
            events.add("end");
        }
    }
}
