package io.sluice.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnQueueTest {

    private final ArrayDeque<Runnable> loop = new ArrayDeque<>();
    private final TurnQueue queue = new TurnQueue(loop::add);
    private final List<String> done = new ArrayList<>();

    @Test
    void aTurnIsScheduledOnce() {
        queue.add(() -> done.add("a"));
        queue.add(() -> done.add("b"));
        queue.add(() -> done.add("c"));

        assertThat(loop).hasSize(1);
        loop.remove().run();

        assertThat(done).containsExactly("a", "b", "c");
    }

    @Test
    void theNextTurnIsScheduledAgain() {
        queue.add(() -> done.add("a"));
        loop.remove().run();
        queue.add(() -> done.add("b"));

        assertThat(loop).hasSize(1);
        loop.remove().run();

        assertThat(done).containsExactly("a", "b");
    }

    @Test
    void aTaskMayAddTasksToItsOwnTurn() {
        queue.add(() -> {
            done.add("a");
            queue.add(() -> {
                done.add("c");
                queue.add(() -> done.add("d"));
            });
        });
        queue.add(() -> done.add("b"));

        loop.remove().run();

        assertThat(done).containsExactly("a", "b", "c", "d");
        assertThat(loop).isEmpty();
    }

    @Test
    void aTaskMayAddItself() {
        TurnTask thrice = new TurnTask() {
            @Override
            public void endTurn() {
                done.add("again");
                if (done.size() < 3) {
                    queue.add(this);
                }
            }
        };
        queue.add(thrice);

        loop.remove().run();

        assertThat(done).containsExactly("again", "again", "again");
    }

    @Test
    void takesAnyNumberOfTasks() {
        for (int i = 0; i < 1000; i++) {
            int number = i;
            queue.add(() -> done.add(String.valueOf(number)));
        }

        loop.remove().run();

        assertThat(done).hasSize(1000).startsWith("0", "1").endsWith("998", "999");
    }
}
