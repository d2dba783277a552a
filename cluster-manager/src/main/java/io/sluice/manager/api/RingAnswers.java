package io.sluice.manager.api;

import io.sluice.manager.api.Answers.RingAnswer;
import io.sluice.manager.migration.ring.RingStatus;
import io.sluice.routing.KeyShift;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.topology.Server;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rings on their way to other servers, as answers. */
final class RingAnswers {

    private RingAnswers() {}

    /** All in the topology, and those that are done while not every proxy knows. */
    static List<RingAnswer> of(Topology topology, List<RingStatus> statuses) {
        List<RingAnswer> answers = new ArrayList<>();
        for (String name : topology.pools().keySet()) {
            RingPool ring = topology.ringPool(name).orElse(null);
            if (ring == null) {
                continue;
            }
            List<RingStatus> known = statuses.stream()
                    .filter(status -> status.pool().equals(name))
                    .toList();
            known.stream()
                    .filter(status -> ring.underway().isEmpty()) // done
                    .forEach(status -> answers.add(answer(ring, status)));
            ring.underway().ifPresent(change -> answers.add(answer(ring, current(name, change, known))));
        }
        return answers;
    }

    private static RingStatus current(String pool, RingChange change, List<RingStatus> known) {
        return known.stream()
                .filter(status -> status.change().id().equals(change.id()))
                .findFirst()
                .map(status -> status.change().equals(change) ? status : status.entering(change))
                .orElseGet(() -> RingStatus.notTakenUp(pool, change));
    }

    private static RingAnswer answer(RingPool ring, RingStatus status) {
        RingChange change = status.change();
        return new RingAnswer(
                change.id(),
                status.pool(),
                change.kind().word(),
                change.state().name().toLowerCase(Locale.ROOT),
                change.back() || change.turning(),
                KeyShift.between(
                        ring.definition(), ring.withServers(change.next()).definition()),
                names(change.next(), ring.definition().servers()),
                names(ring.definition().servers(), change.next()),
                change.entered().toString(),
                status.ends().map(RingAnswers::seconds).orElse(null),
                status.step(),
                status.waitsFor(),
                status.swept(),
                status.queues(),
                status.lastError().isEmpty() ? null : status.lastError());
    }

    private static String seconds(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Of those that the others have not. */
    private static List<String> names(List<Server> servers, List<Server> others) {
        return servers.stream()
                .map(Server::name)
                .filter(name -> others.stream().noneMatch(other -> other.name().equals(name)))
                .toList();
    }
}
