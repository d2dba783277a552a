package io.sluice.manager.api;

import io.sluice.manager.api.Answers.MoveAnswer;
import io.sluice.manager.api.Answers.RebalanceAnswer;
import io.sluice.manager.api.Answers.ShareAnswer;
import io.sluice.manager.balance.Measure;
import io.sluice.manager.balance.Proposal;
import io.sluice.manager.balance.Proposal.Part;
import io.sluice.manager.balance.Proposal.Step;
import io.sluice.manager.balance.Rebalancing;
import io.sluice.manager.balance.Wish;
import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.migration.BeginHandoff;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.StoreException;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.config.ScalarType;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Plans of moves, for people to look at before they have them begun. */
final class RebalancePages {

    private static final String WEIGHTS = "weights: expected SHARD=WEIGHT, several with commas, weights from 0 to "
            + Wish.MAX_WEIGHT + ", such as s1=2,s2=1";

    private final Cluster cluster;
    private final Rebalancing rebalancing;
    private final InstantSource clock;

    RebalancePages(Cluster cluster, Rebalancing rebalancing, InstantSource clock) {
        this.cluster = cluster;
        this.rebalancing = rebalancing;
        this.clock = clock;
    }

    String proposal(ApiRequest request) throws ApiException, StoreException, ChangeRefusedException {
        Wish wish = new Wish(
                measure(request), weights(request), request.text("drain").orElse(null));
        Topology topology = cluster.topologies().read().topology();
        SlotPool pool = TopologyPages.slotPool(topology, request.place("NAME"));
        String id = BeginHandoff.newId(clock.instant());
        return ApiJson.text(answer(rebalancing.propose(topology.epoch(), pool, wish, id)));
    }

    private static Measure measure(ApiRequest request) throws ApiException {
        String word = request.text("by").orElse(Measure.SLOTS.word());
        return Arrays.stream(Measure.values())
                .filter(measure -> measure.word().equals(word))
                .findFirst()
                .orElseThrow(() -> ApiException.badRequest(
                        "by: expected "
                                + Arrays.stream(Measure.values())
                                        .map(Measure::word)
                                        .collect(Collectors.joining(", ")),
                        "see docs/api.md"));
    }

    private static Map<String, Integer> weights(ApiRequest request) throws ApiException {
        Map<String, Integer> weights = new LinkedHashMap<>();
        String text = request.text("weights").orElse("");
        if (text.isEmpty()) {
            return weights;
        }
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals <= 0) {
                throw ApiException.badRequest(WEIGHTS, "see docs/api.md");
            }
            int weight = ScalarType.wholeNumber(part.substring(equals + 1), 0, Wish.MAX_WEIGHT)
                    .orElseThrow(() -> ApiException.badRequest(WEIGHTS, "see docs/api.md"));
            if (weights.put(part.substring(0, equals), weight) != null) {
                throw ApiException.badRequest(WEIGHTS + ", each shard once", "see docs/api.md");
            }
        }
        return weights;
    }

    private static RebalanceAnswer answer(Proposal proposal) {
        return new RebalanceAnswer(
                proposal.epoch(),
                proposal.pool(),
                proposal.wish().measure().word(),
                proposal.wish().leaving(),
                proposal.parts().stream().map(RebalancePages::part).toList(),
                proposal.steps().stream().map(RebalancePages::step).toList(),
                proposal.seconds(),
                proposal.notes());
    }

    private static ShareAnswer part(Part part) {
        return new ShareAnswer(
                part.shard(),
                part.weight(),
                part.now().size(),
                part.then().size(),
                whole(part.nowLoad().keys()),
                whole(part.thenLoad().keys()),
                whole(part.nowLoad().bytes()),
                whole(part.thenLoad().bytes()));
    }

    private static MoveAnswer step(Step step) {
        return new MoveAnswer(
                step.move().id(),
                step.move().from(),
                step.move().to(),
                step.move().slots().toString(),
                step.move().slots().size(),
                whole(step.load().keys()),
                whole(step.load().bytes()),
                step.seconds());
    }

    private static @Nullable Long whole(@Nullable Double number) {
        return number == null ? null : (Long) Math.round(number);
    }
}
