package io.sluice.manager.failover;

import java.util.Map;
import java.util.Optional;

/**
 * What one sentinel said when it was asked last.
 *
 * @param views by the names of masters; none for those it does not watch
 * @param problem why it did not answer; empty if it did
 */
record SentinelAnswers(Map<String, SentinelView> views, String problem) {

    SentinelAnswers {
        views = Map.copyOf(views);
    }

    static SentinelAnswers of(Map<String, SentinelView> views) {
        return new SentinelAnswers(views, "");
    }

    static SentinelAnswers none(String problem) {
        return new SentinelAnswers(Map.of(), problem);
    }

    boolean arrived() {
        return problem.isEmpty();
    }

    Optional<SentinelView> of(String master) {
        return Optional.ofNullable(views.get(master));
    }
}
