package io.sluice.manager.migration;

import io.sluice.manager.migration.engine.KeyFilter;
import io.sluice.manager.store.Orders;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Does what a test says, and remembers what it was asked for. */
final class FakeMover implements Mover {

    final List<String> asked = new CopyOnWriteArrayList<>();
    volatile boolean caughtUp = true;

    @Nullable Failure failure;

    @Nullable String drainProblem;

    @Nullable String gateProblem;

    @Nullable String cleanProblem;

    @Nullable String purgeProblem;

    @Nullable String announceProblem;

    volatile KeyFilter purged = nothing -> false;

    @Nullable String switchProblem;

    volatile Runnable onAnnounce = () -> {};
    volatile Runnable onDrain = () -> {};
    volatile Runnable onGate = () -> {};
    volatile Runnable onClean = () -> {};
    volatile boolean paused;

    @Override
    public void order(Orders orders) {
        paused = orders.paused();
    }

    @Override
    public Optional<String> announce() {
        onAnnounce.run();
        return Optional.ofNullable(announceProblem);
    }

    @Override
    public void begin() {
        asked.add("begin");
        failure = null;
    }

    @Override
    public boolean isCaughtUp() {
        return caughtUp;
    }

    @Override
    public Optional<Failure> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public Optional<String> prepareSwitch() {
        return Optional.ofNullable(switchProblem);
    }

    @Override
    public Optional<String> drain(Duration limit) {
        asked.add("drain");
        onDrain.run();
        return Optional.ofNullable(drainProblem);
    }

    @Override
    public Optional<String> closeGate() {
        asked.add("gate");
        onGate.run();
        return Optional.ofNullable(gateProblem);
    }

    @Override
    public void follow() {
        asked.add("follow");
    }

    @Override
    public Optional<String> purgeTarget(KeyFilter which) {
        purged = which;
        asked.add("purge");
        return Optional.ofNullable(purgeProblem);
    }

    @Override
    public Optional<String> cleanSource() {
        asked.add("clean");
        onClean.run();
        return Optional.ofNullable(cleanProblem);
    }

    @Override
    public String progress() {
        return asked.toString();
    }

    @Override
    public void close() {
        asked.add("close");
    }
}
