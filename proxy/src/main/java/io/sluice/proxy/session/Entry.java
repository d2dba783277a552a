package io.sluice.proxy.session;

import io.sluice.proxy.admission.Admission;
import io.sluice.proxy.admission.AdmissionRule;
import io.sluice.proxy.admission.HeaderRule;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * How clients come in to one pool on one event loop.
 *
 * @param pool its name, for the log
 * @param admission how many there are on all event loops, and whether one more may come
 * @param headers whether they begin with a PROXY header
 * @param timer runs a task on the event loop after a time
 * @param nextTurn runs a task on the event loop when all that is ready has had its turn
 */
public record Entry(String pool, Admission admission, HeaderRule headers, Timer timer, Executor nextTurn) {

    /** Runs a task on the event loop after a time. */
    public interface Timer {
        void schedule(Runnable task, Duration delay);
    }

    /** For everybody. */
    public static Entry open(String pool, Timer timer, Executor nextTurn) {
        return new Entry(pool, new Admission(AdmissionRule.NO_LIMIT), HeaderRule.OFF, timer, nextTurn);
    }
}
